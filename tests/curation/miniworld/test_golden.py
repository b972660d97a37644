"""Sentences as a native speaker would write them: agreement, case, contraction, relative clauses, negation."""

from __future__ import annotations

import pytest

from curation.miniworld.languages import LANGUAGES, load
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import text_of

CLAUSES: dict[str, Clause] = {
    "agreement": Clause(NP("doctor"), "buy", NP("car", "a", adj="red"), place="market", time="monday"),
    "negation": Clause(NP("nurse"), "see", NP("dog"), negated=True),
    "negated indefinite": Clause(NP("boy"), "eat", NP("apple", "a"), negated=True),
    "passive": Clause(NP("boy"), "steal", NP("letter"), passive=True),
    "subject relative": Clause(NP("woman", rel=Clause(NP("woman"), "sell", NP("piano"))), adj="tired"),
    "object relative": Clause(NP("car", rel=Clause(NP("doctor"), "repair", NP("car")), gap="object"), place="garden"),
    "object relative, person": Clause(NP("man", rel=Clause(NP("nurse"), "invite", NP("man")), gap="object"), "sleep"),
    "owner": Clause(NP("dog", adj="old", owner="king"), "find", NP("flower", "two", adj="white")),
    "counted animals": Clause(NP("Anna", "name"), "see", NP("mouse", "three", adj="small")),
    "none": Clause(NP("student", "no"), "dance", place="library"),
    "all, auxiliary be": Clause(NP("queen", "all"), "stay", place="hotel"),
    "some": Clause(NP("cow", "some"), place="forest", time="friday"),
    "not there": Clause(NP("farmer"), place="kitchen", negated=True),
    "fronted": Clause(NP("painter"), "hide", NP("lamp", "a", adj="big"), time="yesterday", front="time"),
    "coordination": Clause(
        NP("Maria", "name"),
        adj="happy",
        also=Clause(NP("Maria", "name"), "invite", NP("Victor", "name", surname="Keller")),
    ),
    "passive, by a woman": Clause(NP("Maria", "name", surname="Weber"), "find", NP("book"), passive=True),
    "young man": Clause(NP("lion"), "chase", NP("man", adj="young")),
    "employer and city": Clause(NP("Martin", "name"), "work", employer="Orico", place="Berlin"),
    "pronoun": Clause(NP("Anna", "name", pron=True), "fall", place="street"),
    "negated passive": Clause(NP("cook"), "wash", NP("shirt", "two", adj="black"), passive=True, negated=True),
    "before a vowel": Clause(NP("bear", adj="old", owner="student"), "hear", NP("person", "some")),
}
GOLDEN: dict[str, dict[str, str]] = {
    "en": {
        "agreement": "The doctor bought a red car at the market on Monday.",
        "negation": "The nurse did not see the dog.",
        "negated indefinite": "The boy did not eat an apple.",
        "passive": "The letter was stolen by the boy.",
        "subject relative": "The woman who sold the piano was tired.",
        "object relative": "The car that the doctor repaired was in the garden.",
        "object relative, person": "The man who the nurse invited slept.",
        "owner": "The king's old dog found two white flowers.",
        "counted animals": "Anna saw three small mice.",
        "none": "No student danced in the library.",
        "all, auxiliary be": "All the queens stayed in the hotel.",
        "some": "Some cows were in the forest on Friday.",
        "not there": "The farmer was not in the kitchen.",
        "fronted": "Yesterday, the painter hid a big lamp.",
        "coordination": "Maria was happy and invited Victor Keller.",
        "passive, by a woman": "The book was found by Maria Weber.",
        "young man": "The lion chased the young man.",
        "employer and city": "Martin worked for Orico in Berlin.",
        "pronoun": "She fell in the street.",
        "negated passive": "Two black shirts were not washed by the cook.",
        "before a vowel": "The student's old bear heard some people.",
    },
    "de": {
        "agreement": "Der Arzt hat am Montag ein rotes Auto auf dem Markt gekauft.",
        "negation": "Die Krankenschwester hat den Hund nicht gesehen.",
        "negated indefinite": "Der Junge hat keinen Apfel gegessen.",
        "passive": "Der Brief wurde vom Jungen gestohlen.",
        "subject relative": "Die Frau, die das Klavier verkauft hat, war müde.",
        "object relative": "Das Auto, das der Arzt repariert hat, war im Garten.",
        "object relative, person": "Der Mann, den die Krankenschwester eingeladen hat, hat geschlafen.",
        "owner": "Der alte Hund des Königs hat zwei weiße Blumen gefunden.",
        "counted animals": "Anna hat drei kleine Mäuse gesehen.",
        "none": "Keine Studentin hat in der Bibliothek getanzt.",
        "all, auxiliary be": "Alle Königinnen sind im Hotel geblieben.",
        "some": "Einige Kühe waren am Freitag im Wald.",
        "not there": "Der Landwirt war nicht in der Küche.",
        "fronted": "Gestern hat der Maler eine große Lampe versteckt.",
        "coordination": "Maria war glücklich und hat Victor Keller eingeladen.",
        "passive, by a woman": "Das Buch wurde von Maria Weber gefunden.",
        "young man": "Der Löwe hat den jungen Mann gejagt.",
        "employer and city": "Martin hat für Orico in Berlin gearbeitet.",
        "pronoun": "Sie ist auf der Straße gestürzt.",
        "negated passive": "Zwei schwarze Hemden wurden vom Koch nicht gewaschen.",
        "before a vowel": "Der alte Bär der Studentin hat einige Personen gehört.",
    },
    "es": {
        "agreement": "El médico compró un coche rojo en el mercado el lunes.",
        "negation": "La enfermera no vio al perro.",
        "negated indefinite": "El niño no comió una manzana.",
        "passive": "La carta fue robada por el niño.",
        "subject relative": "La mujer que vendió el piano estaba cansada.",
        "object relative": "El coche que el médico reparó estaba en el jardín.",
        "object relative, person": "El hombre al que la enfermera invitó durmió.",
        "owner": "El perro viejo del rey encontró dos flores blancas.",
        "counted animals": "Anna vio a tres ratones pequeños.",
        "none": "Ninguna estudiante bailó en la biblioteca.",
        "all, auxiliary be": "Todas las reinas permanecieron en el hotel.",
        "some": "Algunas vacas estaban en el bosque el viernes.",
        "not there": "El granjero no estaba en la cocina.",
        "fronted": "Ayer el pintor escondió una lámpara grande.",
        "coordination": "Maria estaba feliz e invitó a Victor Keller.",
        "passive, by a woman": "El libro fue encontrado por Maria Weber.",
        "young man": "El león persiguió al hombre joven.",
        "employer and city": "Martin trabajó para Orico en Berlin.",
        "pronoun": "Ella cayó en la calle.",
        "negated passive": "Dos camisas negras no fueron lavadas por el cocinero.",
        "before a vowel": "El oso viejo de la estudiante oyó a algunas personas.",
    },
    "fr": {
        "agreement": "Le médecin a acheté une voiture rouge au marché lundi.",
        "negation": "L'infirmière n'a pas vu le chien.",
        "negated indefinite": "Le garçon n'a pas mangé de pomme.",
        "passive": "La lettre a été volée par le garçon.",
        "subject relative": "La femme qui a vendu le piano était fatiguée.",
        "object relative": "La voiture que le médecin a réparée était dans le jardin.",
        "object relative, person": "L'homme que l'infirmière a invité a dormi.",
        "owner": "Le vieux chien du roi a trouvé deux fleurs blanches.",
        "counted animals": "Anna a vu trois petites souris.",
        "none": "Aucune étudiante n'a dansé à la bibliothèque.",
        "all, auxiliary be": "Toutes les reines sont restées à l'hôtel.",
        "some": "Quelques vaches étaient dans la forêt vendredi.",
        "not there": "Le fermier n'était pas dans la cuisine.",
        "fronted": "Hier, le peintre a caché une grande lampe.",
        "coordination": "Maria était heureuse et a invité Victor Keller.",
        "passive, by a woman": "Le livre a été trouvé par Maria Weber.",
        "young man": "Le lion a poursuivi le jeune homme.",
        "employer and city": "Martin a travaillé pour Orico à Berlin.",
        "pronoun": "Elle est tombée dans la rue.",
        "negated passive": "Deux chemises noires n'ont pas été lavées par le cuisinier.",
        "before a vowel": "Le vieil ours de l'étudiante a entendu quelques personnes.",
    },
    "it": {
        "agreement": "Il medico ha comprato una macchina rossa al mercato lunedì.",
        "negation": "L'infermiera non ha visto il cane.",
        "negated indefinite": "Il ragazzo non ha mangiato una mela.",
        "passive": "La lettera è stata rubata dal ragazzo.",
        "subject relative": "La donna che ha venduto il pianoforte era stanca.",
        "object relative": "La macchina che il medico ha riparato era nel giardino.",
        "object relative, person": "L'uomo che l'infermiera ha invitato ha dormito.",
        "owner": "Il cane vecchio del re ha trovato due fiori bianchi.",
        "counted animals": "Anna ha visto tre topi piccoli.",
        "none": "Nessuna studentessa ha ballato nella biblioteca.",
        "all, auxiliary be": "Tutte le regine sono rimaste nell'albergo.",
        "some": "Alcune mucche erano nel bosco venerdì.",
        "not there": "Il contadino non era nella cucina.",
        "fronted": "Ieri il pittore ha nascosto una lampada grande.",
        "coordination": "Maria era felice e ha invitato Victor Keller.",
        "passive, by a woman": "Il libro è stato trovato da Maria Weber.",
        "young man": "Il leone ha inseguito l'uomo giovane.",
        "employer and city": "Martin ha lavorato per Orico a Berlino.",
        "pronoun": "Lei è caduta per strada.",
        "negated passive": "Due camicie nere non sono state lavate dal cuoco.",
        "before a vowel": "L'orso vecchio della studentessa ha sentito alcune persone.",
    },
    "ru": {
        "agreement": "Врач купил красную машину на рынке в понедельник.",
        "negation": "Медсестра не увидела собаку.",
        "negated indefinite": "Мальчик не съел яблоко.",
        "passive": "Письмо было украдено мальчиком.",
        "subject relative": "Женщина, которая продала пианино, была усталой.",
        "object relative": "Машина, которую врач починил, была в саду.",
        "object relative, person": "Мужчина, которого медсестра пригласила, спал.",
        "owner": "Старая собака короля нашла два белых цветка.",
        "counted animals": "Анна увидела трёх маленьких мышей.",
        "none": "Ни одна студентка не танцевала в библиотеке.",
        "all, auxiliary be": "Все королевы остались в гостинице.",
        "some": "Некоторые коровы были в лесу в пятницу.",
        "not there": "Фермера не было на кухне.",
        "fronted": "Вчера художник спрятал большую лампу.",
        "coordination": "Мария была счастливой и пригласила Виктора Келлера.",
        "passive, by a woman": "Книга была найдена Марией Вебер.",
        "young man": "Лев преследовал молодого мужчину.",
        "employer and city": "Мартин работал на Орико в Берлине.",
        "pronoun": "Она упала на улице.",
        "negated passive": "Две чёрные рубашки не были вымыты поваром.",
        "before a vowel": "Старый медведь студентки услышал некоторых людей.",
    },
}
QUESTION = Clause(NP("nurse"), "see", NP("apple", adj="old"), place="school", time="night")
QUESTIONS: dict[str, tuple[str, str, str]] = {
    "en": (
        "What did the nurse see at the school at night?",
        "Where did the nurse see the old apple at night?",
        "When did the nurse see the old apple at the school?",
    ),
    "de": (
        "Was hat die Krankenschwester in der Nacht in der Schule gesehen?",
        "Wo hat die Krankenschwester in der Nacht den alten Apfel gesehen?",
        "Wann hat die Krankenschwester den alten Apfel in der Schule gesehen?",
    ),
    "es": (
        "¿Qué vio la enfermera en la escuela por la noche?",
        "¿Dónde vio la enfermera la manzana vieja por la noche?",
        "¿Cuándo vio la enfermera la manzana vieja en la escuela?",
    ),
    "fr": (
        "Qu'est-ce que l'infirmière a vu à l'école la nuit?",
        "Où est-ce que l'infirmière a vu la vieille pomme la nuit?",
        "Quand est-ce que l'infirmière a vu la vieille pomme à l'école?",
    ),
    "it": (
        "Che cosa ha visto l'infermiera nella scuola di notte?",
        "Dove ha visto la mela vecchia l'infermiera di notte?",
        "Quando ha visto la mela vecchia l'infermiera nella scuola?",
    ),
    "ru": (
        "Что медсестра увидела в школе ночью?",
        "Где медсестра увидела старое яблоко ночью?",
        "Когда медсестра увидела старое яблоко в школе?",
    ),
}


def test_every_language_has_every_golden_sentence() -> None:
    assert set(GOLDEN) == set(QUESTIONS) == set(LANGUAGES)
    assert all(set(sentences) == set(CLAUSES) for sentences in GOLDEN.values())
    assert len(CLAUSES) >= 15


@pytest.mark.parametrize(("lang", "name"), [(lang, name) for lang in LANGUAGES for name in CLAUSES])
def test_golden_sentence(lang: str, name: str) -> None:
    assert load(lang).text(CLAUSES[name]) == GOLDEN[lang][name]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_golden_questions(lang: str) -> None:
    grammar = load(lang)
    asked = tuple(text_of(grammar.ask(QUESTION, wh)) for wh in ("object", "place", "time"))
    assert asked == QUESTIONS[lang]
