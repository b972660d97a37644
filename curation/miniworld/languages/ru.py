"""Russian."""

from __future__ import annotations

from curation.miniworld.concepts import COMPANIES, PEOPLE, class_of
from curation.miniworld.concepts import gender as natural_gender
from curation.miniworld.grammar import WHO, Grammar, Wh, phrases, table, variant
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles

NOUNS = table("""
teacher f учительница учительницы учительницей учительницы учительниц | f преподавательница преподавательницы преподавательницей преподавательницы преподавательниц
doctor m врач врача врачом врачи врачей | m доктор доктора доктором доктора докторов
nurse f медсестра медсестры медсестрой медсёстры медсестёр
farmer m фермер фермера фермером фермеры фермеров
cook m повар повара поваром повара поваров
singer f певица певицы певицей певицы певиц
king m король короля королём короли королей
queen f королева королевы королевой королевы королев
boy m мальчик мальчика мальчиком мальчики мальчиков
girl f девочка девочки девочкой девочки девочек
man m мужчина мужчины мужчиной мужчины мужчин
woman f женщина женщины женщиной женщины женщин
writer f писательница писательницы писательницей писательницы писательниц
painter m художник художника художником художники художников | m живописец живописца живописцем живописцы живописцев
baker m пекарь пекаря пекарем пекари пекарей
dancer f танцовщица танцовщицы танцовщицей танцовщицы танцовщиц
driver m водитель водителя водителем водители водителей | m шофёр шофёра шофёром шофёры шофёров
student f студентка студентки студенткой студентки студенток
dog f собака собаки собакой собаки собак
cat f кошка кошки кошкой кошки кошек
horse f лошадь лошади лошадью лошади лошадей
cow f корова коровы коровой коровы коров
rabbit m кролик кролика кроликом кролики кроликов
goat f коза козы козой козы коз
wolf m волк волка волком волки волков
fox f лиса лисы лисой лисы лис
bear m медведь медведя медведем медведи медведей
mouse f мышь мыши мышью мыши мышей
lion m лев льва львом львы львов
duck f утка утки уткой утки уток
apple n яблоко яблока яблоком яблоки яблок
pear f груша груши грушей груши груш
banana m банан банана бананом бананы бананов
lemon m лимон лимона лимоном лимоны лимонов
peach m персик персика персиком персики персиков
melon f дыня дыни дыней дыни дынь
guitar f гитара гитары гитарой гитары гитар
piano n пианино пианино пианино пианино пианино
violin f скрипка скрипки скрипкой скрипки скрипок
drum m барабан барабана барабаном барабаны барабанов
flute f флейта флейты флейтой флейты флейт
trumpet f труба трубы трубой трубы труб
doll f кукла куклы куклой куклы кукол
ball m мяч мяча мячом мячи мячей
robot m робот робота роботом роботы роботов
puzzle f головоломка головоломки головоломкой головоломки головоломок
rose f роза розы розой розы роз
tulip m тюльпан тюльпана тюльпаном тюльпаны тюльпанов
lily f лилия лилии лилией лилии лилий
orchid f орхидея орхидеи орхидеей орхидеи орхидей
car f машина машины машиной машины машин | m автомобиль автомобиля автомобилем автомобили автомобилей
bicycle m велосипед велосипеда велосипедом велосипеды велосипедов
boat f лодка лодки лодкой лодки лодок
truck m грузовик грузовика грузовиком грузовики грузовиков
bus m автобус автобуса автобусом автобусы автобусов
coat n пальто пальто пальто пальто пальто
shirt f рубашка рубашки рубашкой рубашки рубашек
hat f шляпа шляпы шляпой шляпы шляп
skirt f юбка юбки юбкой юбки юбок
scarf m шарф шарфа шарфом шарфы шарфов
jacket f куртка куртки курткой куртки курток
book f книга книги книгой книги книг
letter n письмо письма письмом письма писем
picture f картина картины картиной картины картин | n полотно полотна полотном полотна полотен
key m ключ ключа ключом ключи ключей
cup f чашка чашки чашкой чашки чашек
mirror n зеркало зеркала зеркалом зеркала зеркал
lamp f лампа лампы лампой лампы ламп
table m стол стола столом столы столов
chair m стул стула стулом стулья стульев
box f коробка коробки коробкой коробки коробок
person m человек человека человеком люди человек
animal n животное животного животным животные животных
fruit m фрукт фрукта фруктом фрукты фруктов
instrument m инструмент инструмента инструментом инструменты инструментов
toy f игрушка игрушки игрушкой игрушки игрушек
flower m цветок цветка цветком цветы цветов
""")
VERBS = table("""
see увидел увидела увиден | заметил заметила замечен
find нашёл нашла найден | обнаружил обнаружила обнаружен
lose потерял потеряла потерян
buy купил купила куплен | приобрёл приобрела приобретён
sell продал продала продан
repair починил починила починен | отремонтировал отремонтировала отремонтирован
break сломал сломала сломан
wash вымыл вымыла вымыт | помыл помыла помыт
hide спрятал спрятала спрятан
show показал показала показан
steal украл украла украден | похитил похитила похищен
choose выбрал выбрала выбран
draw нарисовал нарисовала нарисован
photograph сфотографировал сфотографировала сфотографирован
hear услышал услышала услышан
invite пригласил пригласила приглашён | позвал позвала позван
greet поприветствовал поприветствовала
chase преследовал преследовала
eat съел съела съеден
sleep спал спала
dance танцевал танцевала
sing пел пела
work работал работала | трудился трудилась
laugh смеялся смеялась
wait ждал ждала | ожидал ожидала
fall упал упала
stay остался осталась
found основал основала основан
""")
ADJECTIVES = table("""
red красный
blue синий
green зелёный
yellow жёлтый
white белый
black чёрный
grey серый
brown коричневый
big большой
small маленький
old старый
new новый
expensive дорогой
cheap дешёвый
clean чистый
dirty грязный
heavy тяжёлый
light лёгкий
happy счастливый | радостный
sad грустный
tired усталый
rested отдохнувший
rich богатый | состоятельный
poor бедный
sick больной
healthy здоровый
hungry голодный
full сытый
calm спокойный
nervous нервный
young молодой
lazy ленивый
diligent прилежный
strong сильный
weak слабый
""")
PLACES = phrases("""
kitchen на кухне
garden в саду
park в парке
forest в лесу
school в школе
church в церкви
market на рынке
street на улице
station на вокзале
library в библиотеке
hotel в гостинице
museum в музее
restaurant в ресторане
cellar в подвале
hospital в больнице
theatre в театре
""")
TIMES = phrases("""
yesterday вчера
monday в понедельник
tuesday во вторник
wednesday в среду
thursday в четверг
friday в пятницу
saturday в субботу
sunday в воскресенье
morning утром
evening вечером
night ночью
summer летом
winter зимой
last_week на прошлой неделе / ADP ADJ NOUN
""")
NAMES = {
    "Martin": "Мартин", "David": "Давид", "Robert": "Роберт", "Victor": "Виктор", "Oscar": "Оскар", "Simon": "Симон",
    "Albert": "Альберт", "Roman": "Роман", "Anton": "Антон", "Felix": "Феликс", "Anna": "Анна", "Maria": "Мария",
    "Laura": "Лаура", "Clara": "Клара", "Nina": "Нина", "Eva": "Ева", "Marta": "Марта", "Elena": "Елена",
    "Irina": "Ирина", "Carla": "Карла", "Keller": "Келлер", "Novak": "Новак", "Weber": "Вебер", "Lopez": "Лопес",
    "Rivas": "Ривас", "Dumont": "Дюмон", "Moran": "Моран", "Winter": "Винтер", "Fischer": "Фишер", "Adler": "Адлер",
    "Berlin": "Берлин", "Madrid": "Мадрид", "Paris": "Париж", "Rome": "Рим", "London": "Лондон", "Vienna": "Вена",
    "Prague": "Прага", "Lisbon": "Лиссабон", "Milan": "Милан", "Warsaw": "Варшава", "Orico": "Орико",
    "Lumeno": "Лумено", "Tavaro": "Таваро", "Belko": "Белко", "Sorelli": "Сорелли", "Mirando": "Мирандо",
    "Velari": "Велари", "Kanto": "Канто",
}  # fmt: skip
SOFT = {"ий": ("ий", "яя", "ее", "ие", "его", "ей", "им", "их", "ими", "юю"),
        "hush": ("ий", "ая", "ее", "ие", "его", "ей", "им", "их", "ими", "ую"),
        "k": ("ий", "ая", "ое", "ие", "ого", "ой", "им", "их", "ими", "ую"),
        "hard": ("ый", "ая", "ое", "ые", "ого", "ой", "ым", "ых", "ыми", "ую")}  # fmt: skip
"""Endings: nominative m f n plural; genitive m, f (= instrumental); instrumental m; plural genitive, instr.; acc. f."""
PRONOUNS = {"m": "он", "f": "она"}


def decline(adjective: str, case: str, gender: str, plural: bool, animate: bool) -> str:
    """Return an adjective of the citation form ``adjective`` in agreement.

    >>> decline("большой", "acc", "m", False, True), decline("синий", "ins", "f", False, False)
    ('большого', 'синей')
    """
    stem, ending = adjective[:-2], adjective[-2:]
    last = stem[-1]
    kind = "k" if ending == "ой" and last in "жшщч" else "hush" if last in "жшщч" else "k" if last in "кгх" else "ий" if ending == "ий" else "hard"
    nom_m, nom_f, nom_n, nom_p, gen_m, gen_f, ins_m, gen_p, ins_p, acc_f = SOFT[kind]
    nom_m = ending
    if case == "acc":
        case = "accf" if gender == "f" and not plural else "gen" if animate and (gender == "m" or plural) else "nom"
    if plural:
        return stem + {"nom": nom_p, "gen": gen_p, "ins": ins_p}[case]
    forms = {"nom": {"m": nom_m, "f": nom_f, "n": nom_n}, "gen": {"m": gen_m, "f": gen_f, "n": gen_m},
             "ins": {"m": ins_m, "f": gen_f, "n": ins_m}, "accf": {"f": acc_f}}  # fmt: skip
    return stem + forms[case][gender]


class Russian(Grammar):
    """Russian: no articles, six cases, gender in the past tense, numerals that govern the genitive."""

    code = "ru"
    city_in, works_for = "в", "на"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES

    def gender(self, np: NP) -> str:
        """Return the gender of what ``np`` names."""
        if np.head in COMPANIES:
            return "f"
        if np.det == "name" or np.head == WHO:
            return natural_gender(np.head) or "m"
        return variant(self.nouns[np.head], np.variant)[0]

    def city(self, city: str) -> Words:
        """Return a city's name in the prepositional case."""
        name = self.name(city)
        return [Word((name[:-1] if name.endswith("а") else name) + "е", "PROPN", "", "B-LOC")]

    def _animate(self, np: NP) -> bool:
        return np.head not in COMPANIES and class_of(np.head) in ("person", "animal")

    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase; ``by`` is the bare instrumental."""
        case = "ins" if case == "by" else case
        if np.head == WHO:
            return [Word({"nom": "кто", "acc": "кого", "gen": "кого", "ins": "кем"}[case], "PRON")]
        if np.pron:
            genitive = {"m": "его", "f": "её"}[self.gender(np)]
            nominative = PRONOUNS[self.gender(np)]
            return [Word("они" if np.plural else nominative if case == "nom" else genitive, "PRON")]
        if np.det == "name":
            core = self._name(np, case)
        else:
            core = self._core(np, case)
        owner = self.np(NP(np.owner), "gen") if np.owner else []
        return [*core, *owner, *self._relative(np)]

    def _name(self, np: NP, case: str) -> Words:
        gender = natural_gender(np.head)
        first, last = self.name(np.head), self.name(np.surname) if np.surname else None
        if gender == "f":
            stem = first[:-1]
            soft = stem.endswith("и")
            first = stem + {"nom": "а" if not soft else "я", "acc": "ю" if soft else "у", "gen": "и" if soft else "ы",
                            "ins": "ей" if soft else "ой"}[case]  # fmt: skip
        elif gender == "m":
            ending = {"nom": "", "acc": "а", "gen": "а", "ins": "ом"}[case]
            first, last = first + ending, last + ending if last else None
        return self.person(np, first, last)

    def _core(self, np: NP, case: str) -> Words:
        entry, gender, animate = variant(self.nouns[np.head], np.variant), self.gender(np), self._animate(np)
        _, nom, gen, ins, noms, gens = entry
        adjective = self.adjectives[np.adj][0][0] if np.adj else None
        if np.det in ("two", "three"):
            return self._counted(np, case, entry, adjective, animate)
        if np.plural:
            noun = {"nom": noms, "gen": gens, "acc": gens if animate else noms}[case]
        elif case == "acc":
            noun = _accusative(nom, gen, gender, animate)
        else:
            noun = {"nom": nom, "gen": gen, "ins": ins}[case]
        if np.head == "person" and np.plural and case == "acc":
            noun = "людей"
        words = [Word(decline(adjective, case, gender, np.plural, animate), "ADJ")] if adjective else []
        return [*self._determiner(np, case, gender, animate), *words, Word(noun, "NOUN")]

    def _counted(self, np: NP, case: str, entry: tuple[str, ...], adjective: str | None, animate: bool) -> Words:
        gender, _, gen, _, _, gens = entry
        if case == "acc" and animate:
            number = "двух" if np.det == "two" else "трёх"
            words = [Word(decline(adjective, "gen", gender, True, True), "ADJ")] if adjective else []
            return [Word(number, "NUM"), *words, Word(gens, "NOUN")]
        number = {"two": "две" if gender == "f" else "два", "three": "три"}[np.det]
        in_plural = "nom" if gender == "f" else "gen"
        words = [Word(decline(adjective, in_plural, gender, True, False), "ADJ")] if adjective else []
        return [Word(number, "NUM"), *words, Word("животных" if np.head == "animal" else gen, "NOUN")]

    def _determiner(self, np: NP, case: str, gender: str, animate: bool) -> Words:
        if np.det == "all":
            return [Word("всех" if case == "acc" and animate else "все", "DET")]
        if np.det == "some":
            return [Word("некоторых" if case == "acc" and animate else "некоторые", "DET")]
        if np.det == "no":
            return [Word("ни", "PART"), Word({"m": "один", "f": "одна", "n": "одно"}[gender], "DET")]
        return []

    def _relative(self, np: NP) -> Words:
        if np.rel is None:
            return []
        if np.gap == "subject":
            inner = [*self._finite(np.rel, np), *self._rest(np.rel)]
            pronoun = decline("который", "nom", self.gender(np), np.plural, False)
        else:
            subject = np.rel.subject
            inner = [*self.np(subject), *self._finite(np.rel, subject), *self._rest(np.rel, "object")]
            pronoun = decline("который", "acc", self.gender(np), np.plural, self._animate(np))
        return [Word(",", "PUNCT"), Word(pronoun, "PRON"), *without_roles(inner), Word(",", "PUNCT")]

    def _finite(self, c: Clause, np: NP) -> Words:
        negation = [Word("не", "PART")] if c.negated or np.det == "no" else []
        gender = "p" if np.plural else self.gender(np)
        was = Word({"m": "был", "f": "была", "n": "было", "p": "были"}[gender], "AUX" if c.adj or c.passive else "VERB")
        if c.verb == "be":
            return [*negation, was]
        forms = variant(self.verbs[c.verb], c.variant)
        if c.passive:
            return [*negation, was, Word(_short(forms[2], gender), "VERB")]
        return [*negation, Word(_past(forms[0], forms[1], gender), "VERB")]

    def _rest(self, c: Clause, skip: str = "") -> Words:
        found: Words = []
        if c.passive and skip != "subject":
            found += in_role(self.np(c.subject, "by"), "subject")
        elif c.object and not c.passive and skip != "object":
            found += in_role(self.np(c.object, "acc"), "object")
        first = c.object if c.passive and c.object else c.subject
        if c.adj:
            form = variant(self.adjectives[c.adj], c.variant)[0]
            found.append(Word(decline(form, "ins", self.gender(first), first.plural, False), "ADJ", "adjective"))
        found += self.employer(c)
        for name, phrase in (("place", self.place), ("time", self.time)):
            found += phrase(c) if name not in (c.front, skip) else []
        if c.also:
            found += without_roles([Word("и", "CCONJ"), *self._finite(c.also, first), *self._rest(c.also)])
        return found

    def clause(self, c: Clause, wh: Wh = "") -> Words:
        """Return subject, verb, object, place, time; who is not somewhere stands in the genitive."""
        first = c.object if c.passive and c.object else c.subject
        front = {"place": self.place, "time": self.time}[c.front](c) if c.front else []
        asking: Words = []
        if wh in ("place", "time"):
            asking = [Word("где" if wh == "place" else "когда", "ADV")]
        elif wh == "object" and c.object:
            person = c.object.head not in COMPANIES and (c.object.head in PEOPLE or c.object.det == "name")
            asking = [Word("кого" if person else "что", "PRON")]
        if c.verb == "be" and c.place and c.negated and not first.plural and first.det != "no" and not c.also:
            subject = in_role(self.np(first, "gen"), "subject")
            return [*asking, *front, *subject, Word("не", "PART"), Word("было", "VERB"), *self._rest(c, wh)]
        subject = in_role(self.np(first), "object" if c.passive else "subject")
        return [*asking, *front, *subject, *self._finite(c, first), *self._rest(c, wh)]


def _accusative(nom: str, gen: str, gender: str, animate: bool) -> str:
    if nom.endswith("а") and gender in ("f", "m"):
        return nom[:-1] + "у"
    if nom.endswith("я") and gender == "f":
        return nom[:-1] + "ю"
    return gen if gender == "m" and animate else nom


def _past(masculine: str, feminine: str, gender: str) -> str:
    if gender in ("m", "f"):
        return masculine if gender == "m" else feminine
    reflexive = feminine.endswith("ась")
    stem = feminine[:-3] if reflexive else feminine[:-1]
    return stem + {"n": "о", "p": "и"}[gender] + ("сь" if reflexive else "")


def _short(participle: str, gender: str) -> str:
    stem = participle[:-2] + "ен" if participle.endswith("ён") and gender != "m" else participle
    return stem + {"m": "", "f": "а", "n": "о", "p": "ы"}[gender]


GRAMMAR = Russian()
