/** `npm run demo`: a home-schooling project from the certificate to the payment, interviews, a message to a class and a morning's absences, over the HTTP API. Exit code 1 if a step is not as it must be. */
import { inspect } from 'node:util';
import { ConfigError } from '../config.ts';
import { assembleCast } from '../demo/cast.ts';
import { ensureSchoolTime, storyDates } from '../demo/dates.ts';
import { saveDossier, showHistory, showMails } from '../demo/epilogue.ts';
import { chapter, note, story } from '../demo/narrator.ts';
import { StepError } from '../demo/person.ts';
import { type Stage, withStage } from '../demo/stage.ts';
import { tellClassMessage } from '../demo/stories/classMessage.ts';
import { tellHomeSchooling } from '../demo/stories/homeSchooling.ts';
import { tellInterviews } from '../demo/stories/interviews.ts';
import { tellMorningAbsences } from '../demo/stories/morningAbsences.ts';
import { StartError } from '../homeLock.ts';
import { printLine } from '../progress.ts';

async function play({ api, databaseUrl, mail, sms, temporary }: Stage): Promise<void> {
  const began = performance.now();
  const cast = await assembleCast(databaseUrl, api);
  try {
    const dates = storyDates();
    story('Un progetto di istruzione domiciliare');
    await ensureSchoolTime(cast, dates);
    const { progetto, fondo, numero } = await tellHomeSchooling(cast, dates);
    await showMails(mail, cast.segreteria, [progetto, fondo]);
    await showHistory(cast.dirigente, progetto);
    const dossier = await saveDossier(cast.dirigente, progetto, numero);
    story('I colloqui con un docente');
    const { ricevimento, colloquio } = await tellInterviews(cast, dates.oggi, mail);
    story('Una comunicazione alla classe');
    const comunicazione = await tellClassMessage(cast, dates.oggi, sms);
    story('Le assenze di una mattina');
    const assenze = await tellMorningAbsences(cast, dates.oggi);
    chapter('Dove si trova');
    note(`Il fascicolo del progetto ${numero}: ${dossier}`);
    if (temporary) note(`Tutto è andato come deve. L’installazione di prova (${api}) ora viene fermata e tolta. Per tenerla: npm start, poi di nuovo npm run demo.`);
    else {
      note(`Progetto ${numero}: ${api}/api/v1/cases/${progetto}`);
      note(`Fondo:  ${api}/api/v1/cases/${fondo}`);
      note(`Storico: ${api}/api/v1/cases/${progetto}/history (token: npm run --silent token -- ${cast.dirigente.username})`);
      for (const [what, id, who] of [['Ricevimento', ricevimento, cast.docente], ['Colloquio', colloquio, cast.verdi], ['Comunicazione', comunicazione, cast.segreteria], ['Assenze', assenze, cast.famiglia]] as const) note(`${what}: ${api}/api/v1/cases/${id} (token di ${who.username})`);
      if (mail) note(`Posta: ${api}/mail, anche in ${mail}${sms ? `; SMS: ${api}/mail/sms` : ''}`);
    }
    printLine(`\nFatto in ${Math.round((performance.now() - began) / 1000)} secondi.`);
  } finally {
    await cast.dismiss();
  }
}

try {
  await withStage(play);
  process.exit(0);
} catch (error) {
  const explained = error instanceof StepError || error instanceof StartError || error instanceof ConfigError;
  process.stderr.write(`\n${explained ? error.message : inspect(error)}\n`);
  process.exit(1);
}
