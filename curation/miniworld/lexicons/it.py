"""Italian words.

Nouns: gender, singular, plural. Verbs: participle, auxiliary (a, e). Adjectives: masculine singular.
"""

from __future__ import annotations

from curation.miniworld.grammar import phrases, table

NOUNS = table("""
teacher f insegnante insegnanti | f maestra maestre
doctor m medico medici | m dottore dottori
nurse f infermiera infermiere
farmer m contadino contadini | m agricoltore agricoltori
cook m cuoco cuochi | m chef chef
singer f cantante cantanti
king m re re
queen f regina regine
boy m ragazzo ragazzi
girl f ragazza ragazze
man m uomo uomini
woman f donna donne
writer f scrittrice scrittrici | f autrice autrici
painter m pittore pittori
baker m panettiere panettieri | m fornaio fornai
dancer f ballerina ballerine
driver m autista autisti
student f studentessa studentesse
dog m cane cani
cat m gatto gatti
horse m cavallo cavalli
cow f mucca mucche
rabbit m coniglio conigli
goat f capra capre
wolf m lupo lupi
fox f volpe volpi
bear m orso orsi
mouse m topo topi
lion m leone leoni
duck f anatra anatre
apple f mela mele
pear f pera pere
banana f banana banane
lemon m limone limoni
peach f pesca pesche
melon m melone meloni
guitar f chitarra chitarre
piano m pianoforte pianoforti
violin m violino violini
drum m tamburo tamburi
flute m flauto flauti
trumpet f tromba trombe
doll f bambola bambole
ball f palla palle
robot m robot robot
puzzle m puzzle puzzle
rose f rosa rose
tulip m tulipano tulipani
lily m giglio gigli
orchid f orchidea orchidee
car f macchina macchine | f automobile automobili
bicycle f bicicletta biciclette | f bici bici
boat f barca barche
truck m camion camion | m autocarro autocarri
bus m autobus autobus
coat m cappotto cappotti
shirt f camicia camicie
hat m cappello cappelli
skirt f gonna gonne
scarf f sciarpa sciarpe
jacket f giacca giacche
book m libro libri
letter f lettera lettere
picture m quadro quadri | m dipinto dipinti
key f chiave chiavi
cup f tazza tazze
mirror m specchio specchi
lamp f lampada lampade
table m tavolo tavoli
chair f sedia sedie
box f scatola scatole
person f persona persone
animal m animale animali
fruit m frutto frutti
instrument m strumento strumenti
toy m giocattolo giocattoli
flower m fiore fiori
""")
VERBS = table("""
see visto a | notato a
find trovato a | rinvenuto a
lose perso a
buy comprato a | acquistato a
sell venduto a
repair riparato a | aggiustato a
break rotto a
wash lavato a
hide nascosto a | occultato a
show mostrato a
steal rubato a
choose scelto a
draw disegnato a
photograph fotografato a
hear sentito a | udito a
invite invitato a
greet salutato a
chase inseguito a
eat mangiato a
sleep dormito a
dance ballato a | danzato a
sing cantato a
work lavorato a
laugh riso a
wait aspettato a | atteso a
fall caduto e
stay rimasto e
found fondato a
""")
ADJECTIVES = table("""
red rosso
blue blu
green verde
yellow giallo
white bianco
black nero
grey grigio
brown marrone
big grande
small piccolo
old vecchio
new nuovo
expensive costoso
cheap economico
clean pulito
dirty sporco
heavy pesante
light leggero
happy felice | contento
sad triste
tired stanco
rested riposato
rich ricco | benestante
poor povero
sick malato
healthy sano
hungry affamato
full sazio
calm calmo
nervous nervoso
young giovane
lazy pigro
diligent diligente
strong forte
weak debole
""")
PLACES = phrases("""
kitchen nella cucina
garden nel giardino
park nel parco
forest nel bosco
school nella scuola
church nella chiesa
market al mercato
street per strada
station alla stazione
library nella biblioteca
hotel nell' albergo
museum nel museo
restaurant nel ristorante
cellar nella cantina
hospital nell' ospedale
theatre nel teatro
""")
TIMES = phrases("""
yesterday ieri
monday lunedì / NOUN
tuesday martedì / NOUN
wednesday mercoledì / NOUN
thursday giovedì / NOUN
friday venerdì / NOUN
saturday sabato / NOUN
sunday domenica / NOUN
morning di mattina
evening di sera
night di notte
summer in estate
winter in inverno
last_week la settimana scorsa / DET NOUN ADJ
""")
NAMES = {"Rome": "Roma", "London": "Londra", "Berlin": "Berlino", "Paris": "Parigi", "Prague": "Praga",
         "Lisbon": "Lisbona", "Milan": "Milano", "Warsaw": "Varsavia"}  # fmt: skip
