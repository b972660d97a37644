"""Spanish."""

from __future__ import annotations

from curation.miniworld.concepts import MOODS, PEOPLE
from curation.miniworld.grammar import Wh, phrases, table, variant
from curation.miniworld.languages.romance import Romance
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, sentence

NOUNS = table("""
teacher f profesora profesoras | f maestra maestras
doctor m médico médicos | m doctor doctores
nurse f enfermera enfermeras
farmer m granjero granjeros
cook m cocinero cocineros | m chef chefs
singer f cantante cantantes
king m rey reyes
queen f reina reinas
boy m niño niños
girl f niña niñas
man m hombre hombres
woman f mujer mujeres
writer f escritora escritoras | f autora autoras
painter m pintor pintores
baker m panadero panaderos
dancer f bailarina bailarinas
driver m conductor conductores
student f estudiante estudiantes
dog m perro perros
cat m gato gatos
horse m caballo caballos
cow f vaca vacas
rabbit m conejo conejos
goat f cabra cabras
wolf m lobo lobos
fox m zorro zorros
bear m oso osos
mouse m ratón ratones
lion m león leones
duck m pato patos
apple f manzana manzanas
pear f pera peras
banana m plátano plátanos
lemon m limón limones
peach m melocotón melocotones
melon m melón melones
guitar f guitarra guitarras
piano m piano pianos
violin m violín violines
drum m tambor tambores
flute f flauta flautas
trumpet f trompeta trompetas
doll f muñeca muñecas
ball f pelota pelotas
robot m robot robots
puzzle m rompecabezas rompecabezas
rose f rosa rosas
tulip m tulipán tulipanes
lily m lirio lirios
orchid f orquídea orquídeas
car m coche coches | m automóvil automóviles
bicycle f bicicleta bicicletas | f bici bicis
boat m barco barcos
truck m camión camiones
bus m autobús autobuses
coat m abrigo abrigos
shirt f camisa camisas
hat m sombrero sombreros
skirt f falda faldas
scarf f bufanda bufandas
jacket f chaqueta chaquetas
book m libro libros
letter f carta cartas
picture m cuadro cuadros | f pintura pinturas
key f llave llaves
cup f taza tazas
mirror m espejo espejos
lamp f lámpara lámparas
table f mesa mesas
chair f silla sillas
box f caja cajas
person f persona personas
animal m animal animales
fruit f fruta frutas
instrument m instrumento instrumentos
toy m juguete juguetes
flower f flor flores
""")
VERBS = table("""
see vio vieron visto | divisó divisaron divisado
find encontró encontraron encontrado | halló hallaron hallado
lose perdió perdieron perdido
buy compró compraron comprado | adquirió adquirieron adquirido
sell vendió vendieron vendido
repair reparó repararon reparado | arregló arreglaron arreglado
break rompió rompieron roto
wash lavó lavaron lavado
hide escondió escondieron escondido | ocultó ocultaron ocultado
show mostró mostraron mostrado | enseñó enseñaron enseñado
steal robó robaron robado
choose eligió eligieron elegido
draw dibujó dibujaron dibujado
photograph fotografió fotografiaron fotografiado
hear oyó oyeron oído | escuchó escucharon escuchado
invite invitó invitaron invitado
greet saludó saludaron saludado
chase persiguió persiguieron perseguido
eat comió comieron comido
sleep durmió durmieron
dance bailó bailaron
sing cantó cantaron
work trabajó trabajaron
laugh rio rieron
wait esperó esperaron
fall cayó cayeron
stay permaneció permanecieron
found fundó fundaron fundado
""")
ADJECTIVES = table("""
red rojo
blue azul
green verde
yellow amarillo
white blanco
black negro
grey gris
brown marrón
big grande
small pequeño
old viejo
new nuevo
expensive caro
cheap barato
clean limpio
dirty sucio
heavy pesado
light ligero
happy feliz | contento
sad triste
tired cansado
rested descansado
rich rico | adinerado
poor pobre
sick enfermo
healthy sano
hungry hambriento
full saciado
calm tranquilo
nervous nervioso
young joven
lazy perezoso
diligent diligente
strong fuerte
weak débil
""")
PLACES = phrases("""
kitchen en la cocina
garden en el jardín
park en el parque
forest en el bosque
school en la escuela
church en la iglesia
market en el mercado
street en la calle
station en la estación
library en la biblioteca
hotel en el hotel
museum en el museo
restaurant en el restaurante
cellar en el sótano
hospital en el hospital
theatre en el teatro
""")
TIMES = phrases("""
yesterday ayer
monday el lunes / DET NOUN
tuesday el martes / DET NOUN
wednesday el miércoles / DET NOUN
thursday el jueves / DET NOUN
friday el viernes / DET NOUN
saturday el sábado / DET NOUN
sunday el domingo / DET NOUN
morning por la mañana
evening por la tarde
night por la noche
summer en verano
winter en invierno
last_week la semana pasada / DET NOUN ADJ
""")
NAMES = {"Rome": "Roma", "London": "Londres", "Vienna": "Viena", "Prague": "Praga", "Lisbon": "Lisboa",
         "Milan": "Milán", "Warsaw": "Varsovia", "Paris": "París"}  # fmt: skip
SER = frozenset({"rich", "poor"})
"""Moods that take *ser*; the others take *estar*."""
FIXED = {"azul": "azules", "gris": "grises", "marrón": "marrones", "joven": "jóvenes", "débil": "débiles", "feliz": "felices"}


class Spanish(Romance):
    """Spanish: *ser* and *estar*, the personal *a*, *al* and *del*."""

    code = "es"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES
    also, by, of, city_in, works_for, who = "y", "por", "de", "en", "para", "quién"
    pronouns = {("m", False): "él", ("f", False): "ella", ("m", True): "ellos", ("f", True): "ellas"}  # noqa: RUF012

    def article(self, np: NP, gender: str, following: str) -> Words:
        """Return the determiner: *el, la, un, dos, todos los, algunos, ningún*."""
        masculine = gender == "m"
        the = {("m", False): "el", ("f", False): "la", ("m", True): "los", ("f", True): "las"}[gender, np.plural]
        match np.det:
            case "two" | "three":
                return [Word({"two": "dos", "three": "tres"}[np.det], "NUM")]
            case "all":
                return [Word("todos" if masculine else "todas", "DET"), Word(the, "DET")]
            case "some":
                return [Word("algunos" if masculine else "algunas", "DET")]
            case "no":
                return [Word("ningún" if masculine else "ninguna", "DET")]
            case "a":
                return [Word("un" if masculine else "una", "DET")]
            case _:
                return [Word(the, "DET")]

    def adjective(self, adjective: str, gender: str, plural: bool, following: str = "", variant: int = 0) -> Word:
        """Return the adjective: *rojo, roja, rojos, rojas*; *azul, azules*."""
        forms = self.adjectives[adjective]
        form = forms[min(variant, len(forms) - 1)][0]
        if form.endswith("o"):
            form = form[:-1] + ("o" if gender == "m" else "a")
        if plural:
            form = FIXED.get(form, form + "s")
        return Word(form, "ADJ")

    def finite(self, c: Clause, np: NP, object_first: NP | None = None) -> Words:
        """Return the verb in the preterite, with *no* before it."""
        negation = [Word("no", "PART")] if c.negated else []
        if c.verb == "be":
            state = c.place is not None and c.adj is None or (c.adj in MOODS and c.adj not in SER)
            form = ("estaba" if state else "era") + ("n" if np.plural else "")
            return [*negation, Word(form, "AUX" if c.adj else "VERB")]
        forms = variant(self.verbs[c.verb], c.variant)
        if c.passive:
            participle = forms[2][:-1] + ("o" if self.gender(np) == "m" else "a") + ("s" if np.plural else "")
            return [*negation, Word("fueron" if np.plural else "fue", "AUX"), Word(participle, "VERB")]
        return [*negation, Word(forms[np.plural], "VERB")]

    def object_np(self, c: Clause) -> Words:
        """Return the object, with *a* before people and animals."""
        phrase = super().object_np(c)
        return self.contract([Word("a", "ADP"), *phrase]) if self.animate(c.object) else phrase

    def relative(self, np: NP) -> Words:
        """Return *que*, or *al que* for a person or animal that is the object."""
        if np.gap == "object" and self.animate(np):
            the = {("m", False): "el", ("f", False): "la", ("m", True): "los", ("f", True): "las"}
            return [Word("a", "ADP"), Word(the[self.gender(np), np.plural], "DET"), Word("que", "PRON")]
        return [Word("que", "PRON")]

    def contract(self, phrase: Words) -> Words:
        """Return ``phrase`` with *a el* as *al* and *de el* as *del*."""
        found: Words = []
        for word in phrase:
            if found and found[-1].text == "y" and word.text.startswith(("i", "hi")):
                found[-1] = found[-1]._replace(text="e")
            if word.text == "el" and word.pos == "DET" and found and found[-1].text in ("a", "de"):
                found[-1] = found[-1]._replace(text=found[-1].text + "l")
            else:
                found.append(word)
        return found

    def fronted(self, front: Words) -> Words:
        """Return the fronted phrase; Spanish sets no comma here."""
        return front

    def asking(self, c: Clause, wh: Wh) -> Words:
        """Return *qué*, *a quién*, *dónde*, *cuándo*."""
        if wh == "object":
            person = c.object is not None and (c.object.head in PEOPLE or c.object.det == "name") and self.animate(c.object)
            return [Word("a", "ADP"), Word("quién", "PRON")] if person else [Word("qué", "PRON")]
        return [Word("dónde" if wh == "place" else "cuándo", "ADV")]

    def ask(self, clause: Clause, wh: Wh) -> Words:
        """Return the question with its opening mark."""
        return [Word("¿", "PUNCT"), *sentence(self.clause(clause, wh), "?")]


GRAMMAR = Spanish()
