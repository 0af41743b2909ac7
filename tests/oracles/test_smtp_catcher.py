"""The catcher as a real client sees it, healthy and with every fault it can show."""

import os
import re
import signal
import smtplib
import subprocess
import sys
import textwrap
import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.oracles.received import read_folder
from tests.oracles.smtp_catcher import Catcher

ROOT = Path(__file__).parents[2]
ANA, EVE = "ana@example.org", "eve@example.org"


@pytest.fixture
def catcher():
    with Catcher() as running:
        yield running


def send(catcher, *, to=ANA, subject="Hello", timeout=60):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hub@hub.example", to, subject
    message.set_content(".leading dot\nand more")
    with smtplib.SMTP(catcher.host, catcher.port, timeout=timeout) as client:
        client.send_message(message)


def test_it_keeps_the_bytes_and_the_envelope(catcher):
    send(catcher)
    send(catcher, to=EVE, subject="Second")
    first, second = catcher.wait_for(2)

    assert (first.number, first.mail_from, first.recipients, first.is_answered) == (
        1,
        "hub@hub.example",
        (ANA,),
        True,
    )
    assert b"\r\n\r\n.leading dot\r\nand more\r\n" in first.raw
    assert second.at >= first.at
    assert [mail.subject for mail in catcher.mails_to("EVE@example.org")] == ["Second"]
    assert catcher.connections == 2


def test_wait_for_a_predicate_and_its_failure(catcher):
    threading.Timer(0.1, send, [catcher], {"subject": "Late"}).start()
    catcher.wait_for(lambda received: any(found.mail.subject == "Late" for found in received), timeout=60)

    with pytest.raises(AssertionError, match=r"only 1 mails came:\n  'Late' to ana@example.org"):
        catcher.wait_for(2, timeout=0.1)


def test_wait_for_quiet_returns_when_nothing_more_comes(catcher):
    send(catcher)

    assert len(catcher.wait_for_quiet(0.1)) == 1
    catcher.clear()
    assert catcher.messages == []


def test_save_to_writes_files_that_can_be_read_back(catcher, tmp_path):
    send(catcher)
    paths = catcher.save_to(tmp_path / "mails")

    assert [path.name for path in paths] == ["000001.eml"]
    assert read_folder(tmp_path / "mails") == catcher.messages


def test_refuse_one_recipient(catcher):
    catcher.refuse(ANA, reply="550 5.1.1 Unknown")
    send(catcher, to=EVE)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(catcher)
    assert refusal.value.recipients == {ANA: (550, b"5.1.1 Unknown")}
    assert ([found.recipients for found in catcher.messages], catcher.refused) == ([(EVE,)], [ANA])


def test_refuse_everybody_for_a_while(catcher):
    catcher.refuse(reply="450 4.2.0 Later", times=2)

    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(catcher)
    send(catcher)
    assert len(catcher.messages) == 1


def test_refuse_data(catcher):
    catcher.refuse_data(reply="452 4.3.1 Full", times=1)

    with pytest.raises(smtplib.SMTPDataError, match=r"4\.3\.1 Full"):
        send(catcher)
    send(catcher)
    assert len(catcher.messages) == 1


def test_drop_after_data_keeps_the_mail(catcher):
    catcher.drop_after_data()

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(catcher)
    send(catcher)
    assert [found.is_answered for found in catcher.messages] == [False, True]


def test_lose_after_data_keeps_nothing(catcher):
    catcher.lose_after_data()

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(catcher)
    send(catcher)
    assert len(catcher.messages) == 1


def test_delayed_answer_keeps_the_mail_at_once(catcher):
    catcher.delay_answers(5)

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(catcher, timeout=0.3)
    assert len(catcher.messages) == 1


def test_delayed_greeting_hangs_the_client(catcher):
    catcher.delay_greeting(5)

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(catcher, timeout=0.3)
    assert (catcher.connections, catcher.messages) == (1, [])


def test_down_refuses_cuts_and_comes_up_on_the_same_port(catcher):
    port = catcher.port
    open_client = smtplib.SMTP(catcher.host, port, timeout=60)
    catcher.go_down()

    with pytest.raises(ConnectionRefusedError):
        send(catcher)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        open_client.noop()
    catcher.go_down()
    catcher.come_up()
    catcher.come_up()
    send(catcher)
    assert (catcher.port, len(catcher.messages)) == (port, 1)


def test_heal_ends_all_faults(catcher):
    catcher.refuse()
    catcher.refuse_data()
    catcher.go_down()
    catcher.heal()
    send(catcher)

    assert len(catcher.messages) == 1


def test_hooks_run_around_the_answer_and_may_go_down(catcher):
    seen = []
    catcher.before_answer(lambda received: seen.append(("before", received.number)))
    catcher.after_answer(lambda received: seen.append(("after", received.number)))
    catcher.after_answer(lambda _: catcher.go_down())
    with smtplib.SMTP(catcher.host, catcher.port, timeout=60) as client:
        answers = [
            client.ehlo()[0],
            client.mail(ANA)[0],
            client.rcpt(EVE)[0],
            client.data(b"Subject: x\r\n\r\nx\r\n")[0],
        ]
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()

    assert (answers, seen) == ([250, 250, 250, 250], [("before", 1), ("after", 1)])


def test_kill_after_answer_leaves_no_time_to_act_on_it(catcher, tmp_path):
    program = f"""
        import pathlib, smtplib
        client = smtplib.SMTP("{catcher.host}", {catcher.port})
        for n in range(3):
            client.sendmail("hub@hub.example", ["{ANA}"], b"Subject: n\\r\\n\\r\\nx\\r\\n")
            pathlib.Path("{tmp_path}", f"marked-{{n}}").touch()
    """
    process = None
    killed = catcher.kill_after_answer(lambda: process.pid, when=lambda received: received.number == 2)
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])

    assert process.wait(timeout=120) == -signal.SIGKILL
    assert killed.is_set()
    assert len(catcher.messages) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["marked-0"]


def test_stop_is_repeatable_and_frees_the_port():
    catcher = Catcher().start()
    catcher.delay_greeting(60)
    waiting = threading.Thread(target=lambda: _try_to_send(catcher))
    waiting.start()
    _wait_until(lambda: catcher.connections == 1)
    catcher.stop()
    catcher.stop()
    waiting.join(timeout=60)

    assert not waiting.is_alive()
    with Catcher(port=catcher.port) as again:
        send(again)
        assert len(again.messages) == 1


def test_process_keeps_mails_on_disk_over_kills(tmp_path):
    process, port = _start_process(tmp_path)
    _send_to(port, "One")
    process.kill()
    process.wait()
    process, port = _start_process(tmp_path, "--drop", "1", "--refuse", f"{EVE}=550 No")
    try:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            _send_to(port, "Two")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            _send_to(port, "Nobody", to=EVE)
        _send_to(port, "Three")
    finally:
        os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=60) == 0

    kept = read_folder(tmp_path)
    assert [(found.number, found.mail.subject, found.is_answered) for found in kept] == [
        (1, "One", True),
        (2, "Two", False),
        (3, "Three", True),
    ]


def _start_process(folder, *options):
    command = [sys.executable, "-m", "tests.oracles.smtp_catcher", "--dir", str(folder), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process.stdout:
        line = process.stdout.readline()
    return process, int(re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line).group(1))


def _send_to(port, subject, to=ANA):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("hub@hub.example", [to], f"Subject: {subject}\r\nTo: {to}\r\n\r\nx\r\n")


def _try_to_send(catcher):
    try:
        send(catcher, timeout=60)
    except (OSError, smtplib.SMTPException):
        return


def _wait_until(holds):
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
