"""Who books in the demonstration: name, mail, phone, zone, language, and a note that some leave."""

from bookings.lifecycle import Booker

BOOKERS = (
    Booker(
        "Zoë Lefèvre",
        "zoe@riviere.example",
        "+1 514 555 0188",
        "America/Toronto",
        "en",
        "We are three, please send the link to all.",
    ),
    Booker("Caleb Whitaker", "caleb@whitaker.example", "+1 312 555 0142", "America/Chicago"),
    Booker("Niamh Ó Súilleabháin", "niamh@osuilleabhain.example", "", "Europe/Dublin"),
    Booker(
        "Wilhelmina van den Oudenhoven-Achterberg zu Hohenlohe-Öttingen",
        "wilhelmina@oudenhoven.example",
        "+31 20 555 0119",
        "Europe/Amsterdam",
    ),
    Booker("Søren Kjærgaard-Lindqvist", "soren@lindqvist.example", "+45 32 55 01 77", "Europe/Copenhagen"),
    Booker(
        "Agnieszka Dąbrowska",
        "agnieszka@dabrowska.example",
        "+48 22 555 01 23",
        "Europe/Warsaw",
        "en",
        "Roof is 140 m², north-east. Heat pump planned.",
    ),
    Booker("Thandiwe Mokoena", "thandiwe@mokoena.example", "+27 31 555 0101", "Africa/Johannesburg"),
    Booker("Beatriz Nogueira da Conceição", "beatriz@conceicao.example", "", "America/Sao_Paulo"),
    Booker(
        "Familie Brückner-Özdemir",
        "familie@brueckner.example",
        "+49 341 555 0166",
        "Europe/Berlin",
        "de",
        "Wir haben schon eine Wallbox.",
    ),
    Booker(
        "Kleingartenverein Süd e. V.", "vorstand@kgv-sued.example", "+49 341 555 0190", "Europe/Berlin", "de"
    ),
    Booker("Jürgen Großmüller", "juergen@grossmueller.example", "+49 351 555 0133", "Europe/Berlin", "de"),
    Booker(
        "Annika Süß-Hövelmann",
        "annika@suess.example",
        "+49 30 555 0155",
        "Europe/Berlin",
        "de",
        "Bitte vor 10 Uhr nicht anrufen.",
    ),
    Booker("Hana Kovářová", "hana@kovarova.example", "", "Europe/Prague"),
    Booker("Oluwaseun Adébáyò", "seun@adebayo.example", "+234 1 555 0199", "Africa/Lagos"),
    Booker("Keiko Tanaka", "keiko@tanaka.example", "", "Asia/Tokyo"),
    Booker("Marcus O’Donnell", "marcus@odonnell.example", "+353 1 555 0111", "Europe/Dublin"),
    Booker("Giulia Bellomo", "giulia@bellomo.example", "+39 02 555 0140", "Europe/Rome"),
    Booker("Rutger Bos", "rutger@bos.example", "", "Europe/Amsterdam"),
    Booker("Lars Øverås", "lars@overas.example", "+47 22 55 01 02", "Europe/Oslo"),
    Booker(
        "نور الهاشمي",
        "nour@alhashimi.example",
        "+971 4 555 0188",
        "Asia/Dubai",
        "en",
        "أفضل التحدث بالإنجليزية.",
    ),
    Booker("Marek Wiśniewski", "marek@wisniewski.example", "+48 71 555 01 44", "Europe/Warsaw"),
    Booker("Priyanka Deshpande", "priyanka@deshpande.example", "+91 20 5550 0112", "Asia/Kolkata"),
    Booker("Walk-in, Mr Schäfer", "", "+49 341 555 0121", "Europe/Berlin", "de"),
    Booker("Li Na", "lina@harbour.example", "", "Asia/Shanghai"),
)

REASONS = (
    "Illness in the family",
    "Another time suits better",
    "The quote came in already",
    "No longer needed",
)
ANSWERS = {
    "line": ("Holbeinstraße 14, 04229 Leipzig", "Am Kanal 3, Markkleeberg", "Rietschelstraße 60a"),
    "text": (
        "Pitched roof, 38°, no shade. Gas heating from 2004, four people.",
        "Flat roof on a terraced house, two people.",
        "Farmhouse with a barn; the barn faces south.",
    ),
    "number": ("2", "3", "5"),
    "yes": ("No", "No", "Yes"),
}
