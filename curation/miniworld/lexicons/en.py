"""English words. Nouns: singular, plural. Verbs: base, past, participle."""

from __future__ import annotations

from curation.miniworld.grammar import phrases, table

NOUNS = table("""
teacher teacher teachers
doctor doctor doctors | physician physicians
nurse nurse nurses
farmer farmer farmers
cook cook cooks | chef chefs
singer singer singers
king king kings
queen queen queens
boy boy boys
girl girl girls
man man men
woman woman women
writer writer writers | author authors
painter painter painters
baker baker bakers
dancer dancer dancers
driver driver drivers
student student students
dog dog dogs
cat cat cats
horse horse horses
cow cow cows
rabbit rabbit rabbits
goat goat goats
wolf wolf wolves
fox fox foxes
bear bear bears
mouse mouse mice
lion lion lions
duck duck ducks
apple apple apples
pear pear pears
banana banana bananas
lemon lemon lemons
peach peach peaches
melon melon melons
guitar guitar guitars
piano piano pianos
violin violin violins
drum drum drums
flute flute flutes
trumpet trumpet trumpets
doll doll dolls
ball ball balls
robot robot robots
puzzle puzzle puzzles
rose rose roses
tulip tulip tulips
lily lily lilies
orchid orchid orchids
car car cars | automobile automobiles
bicycle bicycle bicycles | bike bikes
boat boat boats
truck truck trucks | lorry lorries
bus bus buses
coat coat coats
shirt shirt shirts
hat hat hats
skirt skirt skirts
scarf scarf scarves
jacket jacket jackets
book book books
letter letter letters
picture picture pictures | painting paintings
key key keys
cup cup cups
mirror mirror mirrors
lamp lamp lamps
table table tables
chair chair chairs
box box boxes
person person people
animal animal animals
fruit fruit fruits
instrument instrument instruments
toy toy toys
flower flower flowers
""")
VERBS = table("""
see see saw seen | notice noticed noticed
find find found found | discover discovered discovered
lose lose lost lost
buy buy bought bought | purchase purchased purchased
sell sell sold sold
repair repair repaired repaired | fix fixed fixed
break break broke broken
wash wash washed washed
hide hide hid hidden | conceal concealed concealed
show show showed shown
steal steal stole stolen
choose choose chose chosen
draw draw drew drawn
photograph photograph photographed photographed
hear hear heard heard
invite invite invited invited
greet greet greeted greeted
chase chase chased chased | pursue pursued pursued
eat eat ate eaten
sleep sleep slept slept
dance dance danced danced
sing sing sang sung
work work worked worked
laugh laugh laughed laughed
wait wait waited waited
fall fall fell fallen
stay stay stayed stayed | remain remained remained
found found founded founded | establish established established
""")
ADJECTIVES = table("""
red red
blue blue
green green
yellow yellow
white white
black black
grey grey
brown brown
big big
small small
old old
new new
expensive expensive
cheap cheap
clean clean
dirty dirty
heavy heavy
light light
happy happy | glad
sad sad
tired tired
rested rested
rich rich | wealthy
poor poor
sick sick | ill
healthy healthy
hungry hungry
full full
calm calm
nervous nervous
young young
lazy lazy
diligent diligent
strong strong
weak weak
""")
PLACES = phrases("""
kitchen in the kitchen
garden in the garden
park in the park
forest in the forest
school at the school
church in the church
market at the market
street in the street
station at the station
library in the library
hotel in the hotel
museum in the museum
restaurant in the restaurant
cellar in the cellar
hospital in the hospital
theatre in the theatre
""")
TIMES = phrases("""
yesterday yesterday
monday on Monday / ADP PROPN
tuesday on Tuesday / ADP PROPN
wednesday on Wednesday / ADP PROPN
thursday on Thursday / ADP PROPN
friday on Friday / ADP PROPN
saturday on Saturday / ADP PROPN
sunday on Sunday / ADP PROPN
morning in the morning
evening in the evening
night at night
summer in summer
winter in winter
last_week last week / ADJ NOUN
""")
