"""The mails, as the folder of a development hub shows them."""

from tests.shots.furniture.letters import MAIL_NAMES
from tests.shots.shot import Shot

MAILS = [
    Shot("mails", "dev_mail:list"),
    Shot("mail", "dev_mail:mail", args=lambda stage: [stage.mails["confirmed-booker"]]),
    *(
        Shot(f"mail-{name}", "dev_mail:html", args=lambda stage, name=name: [stage.mails[name]])
        for name in MAIL_NAMES
    ),
]
