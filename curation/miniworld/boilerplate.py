"""What web pages say around their text, in every language of the miniworld: nothing of it is about anybody."""

from __future__ import annotations

from collections.abc import Mapping

from curation.miniworld.scene import Rng

_EN = """
We use cookies to improve your experience on our website.
Subscribe to our newsletter and get {n}% off your first order.
All rights reserved © {year}.
Click here to download the free PDF version.
Error 404: the page you requested could not be found.
Share this page with your friends on social media.
Posted by admin | {n} comments | {k} views
Free shipping on orders over {n} euros.
Log in or create an account to leave a reply.
Privacy policy | Terms of use | Contact us | Site map
Your session has expired, please sign in again.
This video is not available in your country.
Last updated {k} days ago, version {n}.{d}.
Add to basket: only {d} items left in stock!
Please enable JavaScript to view this content.
Page {d} of {n} | Next | Previous | Print
Rated {d} out of 5 stars by {k} customers.
You have reached your limit of {d} free articles this month.
Our office hours are Monday to Friday, 9 am to {d} pm.
Enter your e-mail address to reset your password.
Download the app and follow your delivery in real time.
Advertisement: compare prices and save up to {n}% today.
Sort by: relevance, date, price (low to high).
Customer service: call 0800 {k} or write to info@example.com.
""".strip()
_DE = """
Wir verwenden Cookies, um Ihr Erlebnis auf unserer Website zu verbessern.
Abonnieren Sie unseren Newsletter und sparen Sie {n}% bei der ersten Bestellung.
Alle Rechte vorbehalten © {year}.
Klicken Sie hier, um die kostenlose PDF-Version herunterzuladen.
Fehler 404: Die angeforderte Seite wurde nicht gefunden.
Teilen Sie diese Seite mit Ihren Freunden in den sozialen Medien.
Eingestellt von admin | {n} Kommentare | {k} Aufrufe
Kostenloser Versand ab einem Bestellwert von {n} Euro.
Melden Sie sich an oder erstellen Sie ein Konto, um zu antworten.
Datenschutz | Nutzungsbedingungen | Kontakt | Sitemap
Ihre Sitzung ist abgelaufen, bitte melden Sie sich erneut an.
Dieses Video ist in Ihrem Land nicht verfügbar.
Zuletzt aktualisiert vor {k} Tagen, Version {n}.{d}.
In den Warenkorb: nur noch {d} Stück auf Lager!
Bitte aktivieren Sie JavaScript, um diesen Inhalt zu sehen.
Seite {d} von {n} | Weiter | Zurück | Drucken
Mit {d} von 5 Sternen bewertet von {k} Kunden.
Sie haben Ihr Limit von {d} kostenlosen Artikeln in diesem Monat erreicht.
Unsere Öffnungszeiten: Montag bis Freitag von 9 bis {d} Uhr.
Geben Sie Ihre E-Mail-Adresse ein, um Ihr Passwort zurückzusetzen.
Laden Sie die App herunter und verfolgen Sie Ihre Lieferung in Echtzeit.
Anzeige: Preise vergleichen und heute bis zu {n}% sparen.
Sortieren nach: Relevanz, Datum, Preis (aufsteigend).
Kundendienst: Telefon 0800 {k} oder E-Mail an info@example.com.
""".strip()
_ES = """
Utilizamos cookies para mejorar su experiencia en nuestro sitio web.
Suscríbase a nuestro boletín y obtenga un {n}% de descuento en su primer pedido.
Todos los derechos reservados © {year}.
Haga clic aquí para descargar la versión PDF gratuita.
Error 404: no se ha encontrado la página solicitada.
Comparta esta página con sus amigos en las redes sociales.
Publicado por admin | {n} comentarios | {k} visitas
Envío gratuito en pedidos superiores a {n} euros.
Inicie sesión o cree una cuenta para dejar una respuesta.
Política de privacidad | Condiciones de uso | Contacto | Mapa del sitio
Su sesión ha caducado, vuelva a iniciar sesión.
Este vídeo no está disponible en su país.
Última actualización hace {k} días, versión {n}.{d}.
Añadir a la cesta: ¡solo quedan {d} unidades!
Active JavaScript para ver este contenido.
Página {d} de {n} | Siguiente | Anterior | Imprimir
Valorado con {d} de 5 estrellas por {k} clientes.
Ha alcanzado el límite de {d} artículos gratuitos este mes.
Nuestro horario es de lunes a viernes, de 9 a {d} horas.
Introduzca su correo electrónico para restablecer la contraseña.
Descargue la aplicación y siga su entrega en tiempo real.
Publicidad: compare precios y ahorre hasta un {n}% hoy mismo.
Ordenar por: relevancia, fecha, precio (de menor a mayor).
Atención al cliente: llame al 0800 {k} o escriba a info@example.com.
""".strip()
_FR = """
Nous utilisons des cookies pour améliorer votre expérience sur notre site.
Abonnez-vous à notre lettre d'information et profitez de {n}% de réduction sur votre première commande.
Tous droits réservés © {year}.
Cliquez ici pour télécharger gratuitement la version PDF.
Erreur 404 : la page demandée est introuvable.
Partagez cette page avec vos amis sur les réseaux sociaux.
Publié par admin | {n} commentaires | {k} vues
Livraison gratuite dès {n} euros d'achat.
Connectez-vous ou créez un compte pour laisser une réponse.
Politique de confidentialité | Conditions d'utilisation | Contact | Plan du site
Votre session a expiré, veuillez vous reconnecter.
Cette vidéo n'est pas disponible dans votre pays.
Dernière mise à jour il y a {k} jours, version {n}.{d}.
Ajouter au panier : plus que {d} articles en stock !
Veuillez activer JavaScript pour afficher ce contenu.
Page {d} sur {n} | Suivant | Précédent | Imprimer
Noté {d} étoiles sur 5 par {k} clients.
Vous avez atteint la limite de {d} articles gratuits ce mois-ci.
Nos horaires : du lundi au vendredi de 9 h à {d} h.
Saisissez votre adresse e-mail pour réinitialiser votre mot de passe.
Téléchargez l'application et suivez votre livraison en temps réel.
Publicité : comparez les prix et économisez jusqu'à {n}% aujourd'hui.
Trier par : pertinence, date, prix (croissant).
Service client : appelez le 0800 {k} ou écrivez à info@example.com.
""".strip()
_IT = """
Utilizziamo i cookie per migliorare la tua esperienza sul nostro sito.
Iscriviti alla newsletter e ricevi il {n}% di sconto sul primo ordine.
Tutti i diritti riservati © {year}.
Clicca qui per scaricare gratuitamente la versione PDF.
Errore 404: la pagina richiesta non è stata trovata.
Condividi questa pagina con i tuoi amici sui social network.
Pubblicato da admin | {n} commenti | {k} visualizzazioni
Spedizione gratuita per ordini superiori a {n} euro.
Accedi o crea un account per lasciare una risposta.
Informativa sulla privacy | Condizioni d'uso | Contatti | Mappa del sito
La sessione è scaduta, effettua di nuovo l'accesso.
Questo video non è disponibile nel tuo paese.
Ultimo aggiornamento {k} giorni fa, versione {n}.{d}.
Aggiungi al carrello: solo {d} pezzi rimasti!
Attiva JavaScript per visualizzare questo contenuto.
Pagina {d} di {n} | Avanti | Indietro | Stampa
Valutato {d} stelle su 5 da {k} clienti.
Hai raggiunto il limite di {d} articoli gratuiti per questo mese.
I nostri orari: dal lunedì al venerdì dalle 9 alle {d}.
Inserisci il tuo indirizzo e-mail per reimpostare la password.
Scarica l'app e segui la consegna in tempo reale.
Pubblicità: confronta i prezzi e risparmia fino al {n}% oggi.
Ordina per: rilevanza, data, prezzo (crescente).
Servizio clienti: chiama lo 0800 {k} o scrivi a info@example.com.
""".strip()
_RU = """
Мы используем файлы cookie, чтобы улучшить работу нашего сайта.
Подпишитесь на рассылку и получите скидку {n}% на первый заказ.
Все права защищены © {year}.
Нажмите здесь, чтобы бесплатно скачать версию в формате PDF.
Ошибка 404: запрошенная страница не найдена.
Поделитесь этой страницей с друзьями в социальных сетях.
Автор: admin | Комментарии: {n} | Просмотры: {k}
Бесплатная доставка при заказе от {n} евро.
Войдите или зарегистрируйтесь, чтобы оставить ответ.
Политика конфиденциальности | Условия использования | Контакты | Карта сайта
Время сеанса истекло, войдите снова.
Это видео недоступно в вашей стране.
Последнее обновление: {k} дн. назад, версия {n}.{d}.
Добавить в корзину: осталось всего {d} шт.!
Включите JavaScript, чтобы увидеть содержимое.
Страница {d} из {n} | Далее | Назад | Печать
Оценка {d} из 5, отзывов: {k}.
Вы исчерпали лимит бесплатных статей за этот месяц: {d}.
Часы работы: с понедельника по пятницу, с 9 до {d}.
Введите адрес электронной почты, чтобы сбросить пароль.
Скачайте приложение и следите за доставкой в реальном времени.
Реклама: сравните цены и сэкономьте сегодня до {n}%.
Сортировать: по релевантности, по дате, по цене (по возрастанию).
Служба поддержки: звоните 0800 {k} или пишите на info@example.com.
""".strip()
LINES: Mapping[str, tuple[str, ...]] = {
    lang: tuple(text.splitlines())
    for lang, text in {"en": _EN, "de": _DE, "es": _ES, "fr": _FR, "it": _IT, "ru": _RU}.items()
}
"""Language to its lines; the same line number says the same in every language."""
COUNT = len(LINES["en"])


def line(number: int, rng: Rng, lang: str) -> str:
    """Return line ``number`` (they go round) in ``lang``; ``rng`` draws the numbers in it, alike in all languages."""
    numbers = {
        "n": rng.randrange(11, 96),
        "k": rng.randrange(120, 990),
        "d": rng.randrange(2, 6),
        "year": rng.randrange(1998, 2025),
    }
    return LINES[lang][number % COUNT].format(**numbers)
