"""Knows a line of text that shows an encoding at work, for the form's preview and for every test mail."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.domain.charset import fits

_LATIN = "Grüße aus Köln, ça va? ¡Señor! Århus"
_CENTRAL = "Příliš žluťoučký kůň, Łódź, Győr"
_CYRILLIC = "Съешь ещё этих мягких французских булок"
_GREEK = "Καλημέρα κόσμε"
_TURKISH = "İyi günler, Şişli, ağaç"
_BALTIC = "Ąžuolas, Rīga, Õhtu"
_HEBREW = "שלום עולם"
_ARABIC = "مرحبا بالعالم"
_THAI = "สวัสดีชาวโลก"
_JAPANESE = "こんにちは世界、テスト"
_KOREAN = "안녕하세요, 세계"
_SIMPLIFIED = "你好，世界"
_TRADITIONAL = "您好，世界"

_BY_CHARSET: Mapping[str, str] = MappingProxyType(
    {
        "us-ascii": "Plain letters only",
        "utf-8": "Grüße, Příliš, Съешь, こんにちは, 你好, שלום, 😀",
        "iso-8859-2": _CENTRAL,
        "iso-8859-3": "Ĝis revido, ŝafo, Ħamrun",
        "iso-8859-4": _BALTIC,
        "iso-8859-5": _CYRILLIC,
        "iso-8859-6": _ARABIC,
        "iso-8859-7": _GREEK,
        "iso-8859-8": _HEBREW,
        "iso-8859-9": _TURKISH,
        "iso-8859-10": "Þú ert, Åland, Čáhci",
        "iso-8859-11": _THAI,
        "iso-8859-13": _BALTIC,
        "iso-8859-14": "Ŵyn, Ḃaile, ŷd",
        "iso-8859-16": "București, Łódź, Šibenik",
        "windows-1250": _CENTRAL,
        "windows-1251": _CYRILLIC,
        "windows-1253": _GREEK,
        "windows-1254": _TURKISH,
        "windows-1255": _HEBREW,
        "windows-1256": _ARABIC,
        "windows-1257": _BALTIC,
        "windows-1258": "Đông, Ơn, Ưu",
        "windows-874": _THAI,
        "koi8-r": _CYRILLIC,
        "koi8-u": "Щастя, їжак, ґанок",
        "iso-2022-jp": _JAPANESE,
        "shift_jis": _JAPANESE,
        "windows-31j": _JAPANESE,
        "euc-jp": _JAPANESE,
        "gb2312": _SIMPLIFIED,
        "gbk": _SIMPLIFIED,
        "gb18030": _SIMPLIFIED,
        "big5": _TRADITIONAL,
        "big5-hkscs": _TRADITIONAL,
        "euc-kr": _KOREAN,
        "iso-2022-kr": _KOREAN,
        "tis-620": _THAI,
    }
)


def sample_of(charset: str) -> str:
    """A line that fits the charset and looks wrong when it is read as another one."""
    sample = _BY_CHARSET.get(charset, _LATIN)
    return sample if fits(sample, charset) else _BY_CHARSET["us-ascii"]
