"""Spanish words.

Nouns: gender, singular, plural. Verbs: past singular and plural, participle. Adjectives: masculine singular.
"""

from __future__ import annotations

from curation.miniworld.grammar import phrases, table

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
