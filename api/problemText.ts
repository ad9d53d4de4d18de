/** What is said of any request, in Italian: the sentences of the code are English, and become Italian at the one door where errors leave. */
import type { Language } from './language.ts';

const SENTENCES: Record<string, string> = {
  // Who asks.
  'The token is neither an API token (iter_…) nor a JWT.': 'Il token non è né un token delle API (iter_…) né un JWT.',
  'This installation accepts API tokens only: no sign-in service is configured.': 'Questa installazione accetta solo token delle API: non è configurato un servizio di accesso.',
  'You are signed in, but nobody with this identity is registered here. Ask your school or the administrator.': 'L’accesso è riuscito, ma nessuno con questa identità è registrato qui. Chiedere alla scuola o all’amministratore.',
  'The token has expired.': 'Il token è scaduto.', 'This token has expired.': 'Il token è scaduto.', 'This token is not known.': 'Il token non è conosciuto.', 'This token was revoked.': 'Il token è stato revocato.',
  'This account is disabled.': 'Questa utenza è disabilitata.',
  'Send a token: Authorization: Bearer <token>.': 'Inviare un token: Authorization: Bearer <token>.', 'The Authorization header must be: Bearer <token>.': 'L’intestazione Authorization deve essere: Bearer <token>.',
  'Only operators of the installation (role admin) may do this.': 'Lo possono fare solo gli operatori dell’installazione (ruolo admin).',
  'The profile of the header Iter-Profile is not one of yours.': 'Il profilo indicato in Iter-Profile non è fra i tuoi.',
  'You have several profiles: choose one with the header Iter-Profile, or save your choice with PUT /api/v1/me/profile.': 'Hai più profili: sceglierne uno con l’intestazione Iter-Profile, o salvare la scelta con PUT /api/v1/me/profile.',
  // What is asked for.
  'There is no such case.': 'Questa pratica non esiste o non è fra quelle che puoi vedere.', 'There is no such message.': 'Questo messaggio non esiste.', 'There is no such delivery.': 'Questo invio non esiste.',
  'You have no such calendar.': 'Non hai un calendario così.', 'There is no such import.': 'Questa importazione non esiste.', 'There is nothing here.': 'Qui non c’è nulla.',
  'This process writes no such message.': 'Questo procedimento non scrive un messaggio così.', 'The address cannot be read.': 'L’indirizzo non si può leggere.',
  'Nobody asks to take note of this message.': 'Per questo messaggio non è chiesta la presa visione.',
  'The message is not complete: say what is written, and to whom.': 'Il messaggio non è completo: indicare che cosa si scrive e a chi.',
  'Only the organisation that writes may ask what it would cost.': 'Solo chi scrive può chiedere quanto costerebbe.', 'Only the organisation that wrote may read to whom.': 'Solo chi ha scritto può leggere a chi.',
  'Only those who keep the families of a school may do this.': 'Lo può fare solo chi tiene l’elenco delle famiglie di una scuola.',
  // How it is asked.
  'A name and an organisation, both if you like.': 'Un nome e un’organizzazione, l’uno e l’altra facoltativi.', 'A school year is written 2026/27.': 'L’anno scolastico si scrive 2026/27.',
  'Name a heading for fields of this import.': 'Indicare un’intestazione per i campi di questa importazione.', '"columns" names the header of each field: {"classe":"Sezione"}.': '“columns” dice l’intestazione di ogni campo: {"classe":"Sezione"}.',
  'Send the table as Content-Type: text/csv.': 'Inviare la tabella come Content-Type: text/csv.', 'Say of which process: process=…': 'Indicare il procedimento: process=…', 'case must be the id of a case.': 'case deve essere l’identificativo di una pratica.',
  'A receipt names an order_id and a status.': 'Una ricevuta indica order_id e status.', 'The cursor is not one that this list gave. Begin again without it.': 'Il cursore non è di questo elenco: ricominciare senza.',
  'limit must be a whole number from 1.': 'limit deve essere un numero intero da 1 in su.', 'Every word of q must have at least two characters.': 'Ogni parola di q deve avere almeno due caratteri.',
  'Send JSON in UTF-8: Content-Type: application/json.': 'Inviare JSON in UTF-8: Content-Type: application/json.', 'Send the body uncompressed.': 'Inviare il contenuto non compresso.', 'The body is not valid UTF-8.': 'Il contenuto non è UTF-8 valido.',
  'The body is not JSON.': 'Il contenuto non è JSON.', 'The body holds a number that is too large.': 'Il contenuto ha un numero troppo grande.', 'The body holds a member named __proto__.': 'Il contenuto ha un campo di nome __proto__.',
  'The body holds a character that cannot be stored (U+0000 or half a surrogate pair).': 'Il contenuto ha un carattere che non si può registrare (U+0000 o metà di una coppia di surrogati).',
  'Idempotency-Key must be 1 to 200 visible ASCII characters.': 'Idempotency-Key deve avere da 1 a 200 caratteri ASCII visibili.',
  'If-Match must be one entity tag, as ETag gave it: "3".': 'If-Match deve essere un’etichetta come l’ha data ETag: "3".', 'If-Match must be one entity tag, as ETag gave it.': 'If-Match deve essere un’etichetta come l’ha data ETag.',
  'This Idempotency-Key was used for another command or payload.': 'Questa Idempotency-Key è già servita per un’altra azione o per altri dati.', 'This Idempotency-Key was used for another request.': 'Questa Idempotency-Key è già servita per un’altra richiesta.',
  'This Idempotency-Key was used to create another case.': 'Questa Idempotency-Key è già servita per aprire un’altra pratica.', 'This case exists already.': 'Questa pratica esiste già.', 'Too many refused commands on this case. Wait a minute.': 'Troppe azioni rifiutate su questa pratica: aspettare un minuto.',
  // What is ours.
  'This case belongs to a version of its process that this server does not know yet.': 'La pratica segue una versione del procedimento che questo server non conosce ancora.',
  'The database cannot be reached or is too busy. Repeat with the same key: if the request was committed you get its answer.': 'La base dati non è raggiungibile o è troppo occupata. Ripetere con la stessa chiave: se la richiesta era stata accolta si riceve la sua risposta.',
  'The database cannot be reached or is too busy. Repeat with the same key: if the command was committed you get its answer.': 'La base dati non è raggiungibile o è troppo occupata. Ripetere con la stessa chiave: se l’azione era stata accolta si riceve la sua risposta.',
  'Something broke on our side. Repeat with the same key, or tell us the request id.': 'Qualcosa si è rotto da noi. Ripetere con la stessa chiave, o comunicarci l’identificativo della richiesta.',
  'The procedure failed while deciding. The case is unchanged and an incident was opened.': 'Il procedimento ha avuto un errore nel decidere. La pratica non è cambiata ed è stato aperto un incidente.',
  'The procedure failed while beginning. No case was made.': 'Il procedimento ha avuto un errore nell’aprirsi. La pratica non è stata creata.',
};

/** Sentences with something of the request in them. */
const FILLED: [RegExp, string][] = [
  [/^The process "(.*)" offers no time\.$/, 'Il procedimento “$1” non offre orari.'],
  [/^There is no process "(.*)"\.$/, 'Il procedimento “$1” non esiste.'],
  [/^from and to must be in order and at most (\d+) days\.$/, 'from e to devono essere in ordine e distare al massimo $1 giorni.'],
  [/^The role "(.*)" may not import "(.*)"\.$/, 'Il ruolo “$1” non può importare “$2”.'],
  [/^The query parameter "(.*)" must be given once\.$/, 'Il parametro “$1” si indica una volta sola.'],
  [/^The query parameter "(.*)" must be at most (\d+) plain characters\.$/, 'Il parametro “$1” può avere al massimo $2 caratteri.'],
  [/^(\w+) must be one of: (.*)\.$/, '$1 deve essere uno tra: $2.'],
  [/^(\w+) must be a date: YYYY-MM-DD\.$/, '$1 deve essere una data: AAAA-MM-GG.'],
  [/^q takes at most (\d+) words\.$/, 'q può avere al massimo $1 parole.'],
  [/^The body is nested more than (\d+) levels deep\.$/, 'Il contenuto è annidato oltre $1 livelli.'],
  [/^The body is larger than (\d+) KiB\.$/, 'Il contenuto supera $1 KiB.'],
  [/^Too many requests\. Wait (\d+) s\.$/, 'Troppe richieste: aspettare $1 s.'],
  [/^There is no ([A-Z]+) (\/.*)\.$/, 'Non c’è $1 $2.'],
  [/^The case is at version (\d+), not (\d+)\.$/, 'La pratica è alla versione $1, non $2.'],
];

/** What was said in the caller's language already stays as it is. */
export function problemText(detail: string, language: Language): string {
  if (language === 'en') return detail;
  if (Object.hasOwn(SENTENCES, detail)) return SENTENCES[detail]!;
  const found = FILLED.find(([said]) => said.test(detail));
  return found ? detail.replace(found[0], found[1]) : detail;
}
