"""Small facts about languages: codes, frequent words, number words. Enough for checks without a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _pairs(text: str) -> dict[str, str]:
    """Return ``key=value`` words as a mapping."""
    return dict(pair.split("=") for pair in text.split())


def _lines(text: str) -> dict[str, list[str]]:
    """Return ``name: words`` lines as a mapping; an indented line continues the one above."""
    return {
        line.partition(":")[0]: line.partition(":")[2].split()
        for line in re.sub(r"\n +", " ", text).strip().splitlines()
    }


_THREE = _pairs("""
afr=af arg=an ara=ar ast=ast bel=be bul=bg ben=bn bos=bs bre=br cat=ca ces=cs cym=cy dan=da deu=de ell=el eng=en
epo=eo spa=es est=et eus=eu fas=fa fin=fi fra=fr gle=ga glg=gl heb=he hin=hi hrv=hr hun=hu hye=hy ind=id isl=is
ita=it jpn=ja kat=ka kaz=kk kor=ko lit=lt lav=lv mkd=mk mar=mr msa=ms zlm=ms nep=ne nld=nl nno=nn nob=nb nor=no
oci=oc pol=pl por=pt ron=ro rus=ru slk=sk slv=sl sqi=sq srp=sr srd=sc swe=sv swa=sw tam=ta tel=te tha=th tur=tr
ukr=uk urd=ur vie=vi zho=zh
""")


def two_letters(code: str) -> str:
    """Return the ISO 639-1 code where there is one, else the code itself.

    >>> two_letters("spa"), two_letters("fr"), two_letters("hbs")
    ('es', 'fr', 'hbs')
    """
    return _THREE.get(code, code)


FREQUENT: Mapping[str, frozenset[str]] = {
    lang: frozenset(words)
    for lang, words in _lines("""
en: the of and to in is was that it for on are with as at be this have from by not they his her she he an were which
    you
de: aus bei als an nach sie wir ihr hat haben werden wurde oder aber um so nur der die das und ist nicht ein eine
    einen einem einer den dem des zu mit sich auf für von im war er es auch wird sind
fr: de à en se son sa l d s qu c n y on ont elles ils ou mais comme leur deux le la les des et est un une dans que
    qui pas ne pour sur avec ce il elle au aux du sont était par plus cette
es: a una sus son han hay o ella e este esta tiene está están muy el la los las de y es un en que no se por con para
    su al lo del como más fue pero era
it: a da su i l sul nella nel alla dal ed lei lui hanno loro il lo la gli le di e è un una in che non si per con del
    della al dei sono era come più anche ha
pt: em um eles ela ele está estão tem pelo pela mas ou seu sua na nos o a os as de e é uma que não se por com para
    do da dos no ao mais foi são como era
nl: hij zij ze over uit maar of dan wordt worden door om zijn haar de het een en van is in dat op te niet met voor
    er aan die ook als bij was heeft naar
ru: она они мы вы был была быть есть его её их мне меня что о или уже когда и в не на он с как это по но к из у за
    от же так все были для
bg: и в на се да е от за по с не че като той тя са но или до му си ще това аз беше има те ги го ми бе във със
uk: і в не на що він з як це по але вона до у із за від же так його все був була були для є та й які або про
pl: i w nie na się z że do to jest o jak po ale co za od tak przez jego był była dla są
tr: ve bir bu da de için ile çok olarak daha gibi ne kadar olan var değil ama her o mi
sv: och i att det som en på är av för med den till inte ett om har de var han hon från
sw: na ya wa kwa ni katika la za kuwa cha hii huyo hiyo yake kama lakini sana mtu watu si
fi: ja on ei se että oli hän ovat myös kun joka mutta niin tai kuin ole olla sen hänen
ca: la de a el seu seva està estan són ha han hi o en una als dels pel els les i és un que no es per amb al del com
    més però era
""").items()
}
"""Language to some of its most frequent words, written from common knowledge of the languages; lower case."""

_VALUES = (*range(2, 13), 20, 30, 40, 50, 100, 1000)
NUMBER_WORDS: Mapping[str, Mapping[str, int]] = {
    lang: {word: value for value, group in zip(_VALUES, words, strict=True) for word in group.split("/")}
    for lang, words in _lines("""
en: two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand
de: zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig hundert tausend
fr: deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante cent/cents mille
es: dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta cien/ciento mil
it: due tre quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta cinquanta cento mille/mila
pt: dois/duas três quatro cinco seis sete oito nove dez onze doze vinte trinta quarenta cinquenta cem/cento mil
nl: twee drie vier vijf zes zeven acht negen tien elf twaalf twintig dertig veertig vijftig honderd duizend
ru: два/две/двух/двум/двумя три/трёх/трех/трём/трем/тремя четыре/четырёх/четырех/четырём пять/пяти/пятью
    шесть/шести/шестью семь/семи восемь/восьми девять/девяти десять/десяти одиннадцать двенадцать двадцать/двадцати
    тридцать сорок пятьдесят сто тысяча/тысячи/тысяч
tr: iki üç dört beş altı yedi sekiz dokuz on onbir oniki yirmi otuz kırk elli yüz bin
fi: kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista kaksikymmentä
    kolmekymmentä neljäkymmentä viisikymmentä sata tuhat
sw: mbili/wawili/viwili tatu/watatu/vitatu nne/wanne/vinne tano/watano/vitano sita saba nane/wanane/vinane tisa kumi
    kumi-na-moja kumi-na-mbili ishirini thelathini arobaini hamsini mia elfu
""").items()
}
"""Language to number word to value; ``one`` is left out, since it is an article or pronoun as often as a number."""

_DIGITS = re.compile(r"(?<![A-Za-z])(?:\d{1,3}(?:[ .,\u00a0\u202f\u066c'’]\d{3})+(?!\d)|\d+)")
_WORD = re.compile(r"[^\W\d_]+")


def numbers(text: str, lang: str, words: bool = True) -> list[int]:
    """Return the numbers of ``text``, sorted: digits of any script, and (``words``) number words of ``lang``.

    >>> numbers("Two of 1,200 dogs in ٢٠٢٤", "en")
    [2, 1200, 2024]
    """
    found = [int(re.sub(r"\D", "", digits)) for digits in _DIGITS.findall(text)]
    if words:
        known = NUMBER_WORDS.get(lang, {})
        found += [known[word] for word in _WORD.findall(text.casefold()) if word in known]
    return sorted(found)
