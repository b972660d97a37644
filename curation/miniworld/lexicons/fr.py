"""French words.

Nouns: gender, singular, plural. Verbs: participle, auxiliary (a, e). Adjectives: masculine, feminine.
"""

from __future__ import annotations

from curation.miniworld.grammar import phrases, table

NOUNS = table("""
teacher f enseignante enseignantes | f professeure professeures
doctor m médecin médecins | m docteur docteurs
nurse f infirmière infirmières
farmer m fermier fermiers | m agriculteur agriculteurs
cook m cuisinier cuisiniers | m chef chefs
singer f chanteuse chanteuses
king m roi rois
queen f reine reines
boy m garçon garçons
girl f fille filles
man m homme hommes
woman f femme femmes
writer f écrivaine écrivaines | f autrice autrices
painter m peintre peintres
baker m boulanger boulangers
dancer f danseuse danseuses
driver m chauffeur chauffeurs | m conducteur conducteurs
student f étudiante étudiantes
dog m chien chiens
cat m chat chats
horse m cheval chevaux
cow f vache vaches
rabbit m lapin lapins
goat f chèvre chèvres
wolf m loup loups
fox m renard renards
bear m ours ours
mouse f souris souris
lion m lion lions
duck m canard canards
apple f pomme pommes
pear f poire poires
banana f banane bananes
lemon m citron citrons
peach f pêche pêches
melon m melon melons
guitar f guitare guitares
piano m piano pianos
violin m violon violons
drum m tambour tambours
flute f flûte flûtes
trumpet f trompette trompettes
doll f poupée poupées
ball m ballon ballons
robot m robot robots
puzzle m puzzle puzzles
rose f rose roses
tulip f tulipe tulipes
lily m lys lys
orchid f orchidée orchidées
car f voiture voitures | f automobile automobiles
bicycle m vélo vélos | f bicyclette bicyclettes
boat m bateau bateaux
truck m camion camions
bus m autobus autobus
coat m manteau manteaux
shirt f chemise chemises
hat m chapeau chapeaux
skirt f jupe jupes
scarf f écharpe écharpes
jacket f veste vestes
book m livre livres
letter f lettre lettres
picture m tableau tableaux | f peinture peintures
key f clé clés
cup f tasse tasses
mirror m miroir miroirs
lamp f lampe lampes
table f table tables
chair f chaise chaises
box f boîte boîtes
person f personne personnes
animal m animal animaux
fruit m fruit fruits
instrument m instrument instruments
toy m jouet jouets
flower f fleur fleurs
""")
VERBS = table("""
see vu a | aperçu a
find trouvé a | découvert a
lose perdu a | égaré a
buy acheté a | acquis a
sell vendu a
repair réparé a | arrangé a
break cassé a | brisé a
wash lavé a | nettoyé a
hide caché a | dissimulé a
show montré a
steal volé a | dérobé a
choose choisi a
draw dessiné a
photograph photographié a
hear entendu a
invite invité a
greet salué a
chase poursuivi a
eat mangé a
sleep dormi a
dance dansé a
sing chanté a
work travaillé a
laugh ri a | rigolé a
wait attendu a | patienté a
fall tombé e
stay resté e
found fondé a
""")
ADJECTIVES = table("""
red rouge rouge
blue bleu bleue
green vert verte
yellow jaune jaune
white blanc blanche
black noir noire
grey gris grise
brown brun brune
big grand grande
small petit petite
old vieux vieille
new nouveau nouvelle
expensive cher chère | coûteux coûteuse
cheap abordable abordable
clean propre propre
dirty sale sale
heavy lourd lourde
light léger légère
happy heureux heureuse | content contente
sad triste triste
tired fatigué fatiguée
rested reposé reposée
rich riche riche | fortuné fortunée
poor pauvre pauvre
sick malade malade | souffrant souffrante
healthy bien-portant bien-portante
hungry affamé affamée
full rassasié rassasiée
calm calme calme | tranquille tranquille
nervous nerveux nerveuse
young jeune jeune
lazy paresseux paresseuse
diligent diligent diligente
strong fort forte
weak faible faible
""")
PLACES = phrases("""
kitchen dans la cuisine
garden dans le jardin
park dans le parc
forest dans la forêt
school à l' école
church dans l' église
market au marché
street dans la rue
station à la gare
library à la bibliothèque
hotel à l' hôtel
museum au musée
restaurant au restaurant
cellar dans la cave
hospital à l' hôpital
theatre au théâtre
""")
TIMES = phrases("""
yesterday hier
monday lundi / NOUN
tuesday mardi / NOUN
wednesday mercredi / NOUN
thursday jeudi / NOUN
friday vendredi / NOUN
saturday samedi / NOUN
sunday dimanche / NOUN
morning le matin / DET NOUN
evening le soir / DET NOUN
night la nuit / DET NOUN
summer en été
winter en hiver
last_week la semaine dernière / DET NOUN ADJ
""")
NAMES = {"London": "Londres", "Vienna": "Vienne", "Lisbon": "Lisbonne", "Warsaw": "Varsovie"}
