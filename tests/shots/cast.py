"""Who looks at the pages, and the longest names and words that may stand on them."""

ADA, BEN, INES, ROOT = (
    "ada@heliograf.example",
    "ben@heliograf.example",
    "ines@northwind.example",
    "ruth@heliograf.example",
)
EVE, KIM, LOU, WANDA = "eve@silent.example", "kim@kite.example", "lou@long.example", "wanda@workshop.example"
#: The host whose calendar is broken.
YARA = "yara@workshop.example"

#: As long as a name may be, without and with places to break.
LONG_WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauun"
LONG_NAME = "Maria Alexandrovna Wolkonskaja-Trubezkaja von Hohenlohe-Bart"
FROM_RIGHT = "فاطمة الزهراء بنت محمد الإدريسي"
LONG_REASON = (
    "The scaffolding on our street was put up a week earlier than the city had told us, so that neither the van nor "
    "the lift gets near the house; the owner of the yard behind it has not answered our letter so far, and without his "
    "word we must not drive through. "
) * 3
BOOKER_ZONE = "America/Toronto"
