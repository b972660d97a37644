"""German words.

Nouns: gender, singular, plural, *weak* for those in -n.
Verbs: participle, auxiliary (h, s). Adjectives: form, stem.
"""

from __future__ import annotations

from curation.miniworld.grammar import phrases, table

NOUNS = table("""
teacher f Lehrerin Lehrerinnen
doctor m Arzt Ärzte | m Mediziner Mediziner
nurse f Krankenschwester Krankenschwestern
farmer m Landwirt Landwirte
cook m Koch Köche | m Küchenchef Küchenchefs
singer f Sängerin Sängerinnen
king m König Könige
queen f Königin Königinnen
boy m Junge Jungen weak
girl n Mädchen Mädchen
man m Mann Männer
woman f Frau Frauen
writer f Schriftstellerin Schriftstellerinnen | f Autorin Autorinnen
painter m Maler Maler
baker m Bäcker Bäcker
dancer f Tänzerin Tänzerinnen
driver m Fahrer Fahrer
student f Studentin Studentinnen
dog m Hund Hunde
cat f Katze Katzen
horse n Pferd Pferde
cow f Kuh Kühe
rabbit n Kaninchen Kaninchen
goat f Ziege Ziegen
wolf m Wolf Wölfe
fox m Fuchs Füchse
bear m Bär Bären weak
mouse f Maus Mäuse
lion m Löwe Löwen weak
duck f Ente Enten
apple m Apfel Äpfel
pear f Birne Birnen
banana f Banane Bananen
lemon f Zitrone Zitronen
peach m Pfirsich Pfirsiche
melon f Melone Melonen
guitar f Gitarre Gitarren
piano n Klavier Klaviere
violin f Geige Geigen
drum f Trommel Trommeln
flute f Flöte Flöten
trumpet f Trompete Trompeten
doll f Puppe Puppen
ball m Ball Bälle
robot m Roboter Roboter
puzzle n Puzzle Puzzles
rose f Rose Rosen
tulip f Tulpe Tulpen
lily f Lilie Lilien
orchid f Orchidee Orchideen
car n Auto Autos | m Wagen Wagen
bicycle n Fahrrad Fahrräder | n Rad Räder
boat n Boot Boote
truck m Lastwagen Lastwagen | m Laster Laster
bus m Bus Busse
coat m Mantel Mäntel
shirt n Hemd Hemden
hat m Hut Hüte
skirt m Rock Röcke
scarf m Schal Schals
jacket f Jacke Jacken
book n Buch Bücher
letter m Brief Briefe
picture n Bild Bilder | n Gemälde Gemälde
key m Schlüssel Schlüssel
cup f Tasse Tassen
mirror m Spiegel Spiegel
lamp f Lampe Lampen
table m Tisch Tische
chair m Stuhl Stühle
box f Kiste Kisten
person f Person Personen
animal n Tier Tiere
fruit f Frucht Früchte
instrument n Instrument Instrumente
toy n Spielzeug Spielzeuge
flower f Blume Blumen
""")
VERBS = table("""
see gesehen h | bemerkt h
find gefunden h | entdeckt h
lose verloren h
buy gekauft h | erworben h
sell verkauft h
repair repariert h | instandgesetzt h
break beschädigt h
wash gewaschen h
hide versteckt h | verborgen h
show gezeigt h
steal gestohlen h
choose ausgewählt h
draw gezeichnet h
photograph fotografiert h
hear gehört h
invite eingeladen h
greet begrüßt h
chase gejagt h | verfolgt h
eat gegessen h
sleep geschlafen h
dance getanzt h
sing gesungen h
work gearbeitet h
laugh gelacht h
wait gewartet h
fall gestürzt s
stay geblieben s
found gegründet h
""")
ADJECTIVES = table("""
red rot
blue blau
green grün
yellow gelb
white weiß
black schwarz
grey grau
brown braun
big groß
small klein
old alt
new neu
expensive teuer teur
cheap billig
clean sauber
dirty schmutzig
heavy schwer
light leicht
happy glücklich | froh
sad traurig
tired müde müd
rested ausgeruht
rich reich | wohlhabend
poor arm
sick krank
healthy gesund
hungry hungrig
full satt
calm ruhig
nervous nervös
young jung
lazy faul
diligent fleißig
strong stark
weak schwach
""")
PLACES = phrases("""
kitchen in der Küche
garden im Garten
park im Park
forest im Wald
school in der Schule
church in der Kirche
market auf dem Markt
street auf der Straße
station am Bahnhof
library in der Bibliothek
hotel im Hotel
museum im Museum
restaurant im Restaurant
cellar im Keller
hospital im Krankenhaus
theatre im Theater
""")
TIMES = phrases("""
yesterday gestern
monday am Montag
tuesday am Dienstag
wednesday am Mittwoch
thursday am Donnerstag
friday am Freitag
saturday am Samstag
sunday am Sonntag
morning am Morgen
evening am Abend
night in der Nacht
summer im Sommer
winter im Winter
last_week letzte Woche / ADJ NOUN
""")
NAMES = {"Rome": "Rom", "Vienna": "Wien", "Prague": "Prag", "Lisbon": "Lissabon", "Milan": "Mailand",
         "Warsaw": "Warschau"}  # fmt: skip
