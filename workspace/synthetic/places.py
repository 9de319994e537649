"""The municipalities and their wijken: their size, how many families live there, and how many of those are poor.

Inhabitants of the larger wijken are the municipality's figures of 2026; those of the others, the share of households
with children and the share of children in poverty are rough figures that give the right order (Schildersbuurt 40%,
Moerwijk and Transvaal over 30%, Vogelwijk and Westbroekpark under 4%; CBS 2017, on 2014), not measurements. So are all
figures of Leidschendam-Voorburg, whose wijken are numbered by the generator.
"""

from __future__ import annotations

from dataclasses import dataclass

MUNICIPALITY = "0518"

# A buurt has some five thousand inhabitants; a wijk has one to nine of them.
_BUURT_SIZE = 5_000
_MOST_BUURTEN = 9


@dataclass(frozen=True, slots=True)
class Wijk:
    """One wijk: code, name, stadsdeel, inhabitants, and the shares of households with children and of poor children."""

    code: str
    name: str
    stadsdeel: str
    inhabitants: int
    families: float
    poverty: float

    @property
    def stadsdeel_code(self) -> str:
        """The code of its stadsdeel, as ``SD-Haagse-Hout``."""
        return f"SD-{self.stadsdeel.replace(' ', '-')}"

    @property
    def buurten(self) -> tuple[str, ...]:
        """The codes of its buurten, eight digits of which the first six are the wijk's."""
        count = min(_MOST_BUURTEN, max(1, round(self.inhabitants / _BUURT_SIZE)))
        return tuple(f"{self.code}{number:02}" for number in range(1, count + 1))


WIJKEN: tuple[Wijk, ...] = (
    Wijk("051801", "Oostduinen", "Scheveningen", 60, 0.30, 0.05),
    Wijk("051802", "Belgisch Park", "Scheveningen", 8_300, 0.22, 0.08),
    Wijk("051803", "Westbroekpark en Duttendel", "Scheveningen", 900, 0.27, 0.03),
    Wijk("051804", "Benoordenhout", "Haagse Hout", 15_393, 0.27, 0.04),
    Wijk("051805", "Archipelbuurt", "Centrum", 6_300, 0.22, 0.05),
    Wijk("051806", "Van Stolkpark en Scheveningse Bosjes", "Scheveningen", 700, 0.25, 0.04),
    Wijk("051807", "Scheveningen", "Scheveningen", 14_300, 0.22, 0.15),
    Wijk("051808", "Duindorp", "Scheveningen", 6_200, 0.30, 0.19),
    Wijk("051809", "Geuzen- en Statenkwartier", "Scheveningen", 10_500, 0.27, 0.06),
    Wijk("051810", "Zorgvliet", "Scheveningen", 500, 0.27, 0.04),
    Wijk("051811", "Duinoord", "Scheveningen", 8_200, 0.22, 0.07),
    Wijk("051812", "Bomen- en Bloemenbuurt", "Segbroek", 14_912, 0.27, 0.08),
    Wijk("051813", "Vogelwijk", "Segbroek", 5_000, 0.40, 0.03),
    Wijk("051814", "Bohemen, Meer en Bos", "Loosduinen", 4_100, 0.28, 0.06),
    Wijk("051815", "Kijkduin en Ockenburgh", "Loosduinen", 2_600, 0.22, 0.06),
    Wijk("051816", "Kraayenstein", "Loosduinen", 5_400, 0.32, 0.09),
    Wijk("051817", "Loosduinen", "Loosduinen", 17_884, 0.25, 0.13),
    Wijk("051818", "Waldeck", "Loosduinen", 17_950, 0.27, 0.14),
    Wijk("051819", "Vruchtenbuurt", "Segbroek", 9_000, 0.30, 0.06),
    Wijk("051820", "Valkenboskwartier", "Segbroek", 18_159, 0.25, 0.18),
    Wijk("051821", "Regentessekwartier", "Segbroek", 14_376, 0.23, 0.18),
    Wijk("051822", "Zeeheldenkwartier", "Centrum", 11_500, 0.18, 0.12),
    Wijk("051823", "Willemspark", "Centrum", 1_300, 0.17, 0.05),
    Wijk("051824", "Haagse Bos", "Haagse Hout", 30, 0.30, 0.05),
    Wijk("051825", "Mariahoeve en Marlot", "Haagse Hout", 15_759, 0.27, 0.20),
    Wijk("051826", "Bezuidenhout", "Haagse Hout", 19_254, 0.22, 0.12),
    Wijk("051827", "Stationsbuurt", "Centrum", 12_945, 0.22, 0.30),
    Wijk("051828", "Centrum", "Centrum", 21_955, 0.17, 0.25),
    Wijk("051829", "Schildersbuurt", "Centrum", 30_102, 0.40, 0.43),
    Wijk("051830", "Transvaalkwartier", "Centrum", 16_335, 0.38, 0.39),
    Wijk("051831", "Rustenburg en Oostbroek", "Escamp", 18_994, 0.31, 0.27),
    Wijk("051832", "Leyenburg", "Escamp", 17_143, 0.30, 0.20),
    Wijk("051833", "Bouwlust en Vrederust", "Escamp", 29_012, 0.33, 0.30),
    Wijk("051834", "Morgenstond", "Escamp", 20_553, 0.31, 0.29),
    Wijk("051835", "Zuiderpark", "Escamp", 80, 0.30, 0.20),
    Wijk("051836", "Moerwijk", "Escamp", 21_974, 0.33, 0.38),
    Wijk("051837", "Groente- en Fruitmarkt", "Centrum", 8_300, 0.38, 0.25),
    Wijk("051838", "Laakkwartier en Spoorwijk", "Laak", 44_684, 0.30, 0.27),
    Wijk("051839", "Binckhorst", "Laak", 4_126, 0.17, 0.12),
    Wijk("051840", "Wateringse Veld", "Escamp", 24_628, 0.42, 0.10),
    Wijk("051841", "Hoornwijk", "Leidschenveen-Ypenburg", 400, 0.35, 0.06),
    Wijk("051842", "Ypenburg", "Leidschenveen-Ypenburg", 26_358, 0.45, 0.10),
    Wijk("051843", "Forepark", "Leidschenveen-Ypenburg", 400, 0.30, 0.08),
    Wijk("051844", "Leidschenveen", "Leidschenveen-Ypenburg", 20_049, 0.45, 0.06),
)

_AROUND: tuple[Wijk, ...] = (
    Wijk("191601", "Voorburg-West", "Voorburg", 12_400, 0.28, 0.05),
    Wijk("191602", "Voorburg-Noord", "Voorburg", 13_600, 0.25, 0.12),
    Wijk("191603", "Voorburg-Midden", "Voorburg", 8_900, 0.26, 0.07),
    Wijk("191604", "Essesteijn", "Voorburg", 5_600, 0.31, 0.08),
    Wijk("191605", "Leidschendam-Zuid", "Leidschendam", 10_800, 0.28, 0.11),
    Wijk("191606", "Prinsenhof", "Leidschendam", 7_100, 0.27, 0.15),
    Wijk("191607", "Leidschendam-Noord", "Leidschendam", 8_200, 0.32, 0.07),
    Wijk("191608", "Damsigt", "Leidschendam", 3_700, 0.26, 0.09),
    Wijk("191609", "Stompwijk", "Stompwijk", 2_397, 0.34, 0.03),
)


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality that can be drawn: code, name, inhabitants, wijken, the codes of its wijken of villas.

    `elsewhere` are the municipalities that people come from and leave for: code, name, share.
    """

    code: str
    name: str
    inhabitants: int
    wijken: tuple[Wijk, ...]
    villas: tuple[str, ...]
    elsewhere: tuple[tuple[str, str, float], ...]

    @property
    def stadsdelen(self) -> tuple[tuple[str, str], ...]:
        """Codes and names of its stadsdelen, in order."""
        return tuple(sorted({(wijk.stadsdeel_code, wijk.stadsdeel) for wijk in self.wijken}))


_REGION: tuple[tuple[str, str, float], ...] = (
    ("0363", "Amsterdam", 0.10),
    ("0503", "Delft", 0.12),
    ("0599", "Rotterdam", 0.17),
    ("0603", "Rijswijk", 0.16),
    ("0637", "Zoetermeer", 0.16),
    ("1783", "Westland", 0.12),
)
DEN_HAAG = Municipality(
    MUNICIPALITY,
    "'s-Gravenhage",
    526_000,
    WIJKEN,
    ("051803", "051806", "051810"),
    (*_REGION, ("1916", "Leidschendam-Voorburg", 0.17)),
)
LEIDSCHENDAM_VOORBURG = Municipality(
    "1916", "Leidschendam-Voorburg", 72_697, _AROUND, ("191609",), (("0518", "'s-Gravenhage", 0.17), *_REGION)
)
OUTSIDE = "buiten"

STADSDELEN: tuple[tuple[str, str], ...] = DEN_HAAG.stadsdelen
