/** How authorised hours are worked out, and on what conditions they are given. */
import type { DocumentBlock } from '../../contract.ts';
import { oreMassime, periodiAmmessi } from '../process/accountability.ts';
import type { ProjectStep } from './letter.ts';
import { conta, intero, oreDi, oreScritte, periodiScritti } from './words.ts';

/** Weeks of certified absence × hours a week, and the exam weeks: the most that may be authorised, and what is. */
export function monteOre(step: ProjectStep): DocumentBlock[] {
  const periodi = periodiAmmessi(step.context);
  if (periodi.length === 0) return [];
  const { giorni, settimane, settimaneEsame, tettoSettimanale, minuti } = oreMassime(step, periodi);
  return [
    { heading: 'Come è determinato il monte ore', level: 2 },
    {
      fields: [
        { label: 'Periodo certificato', value: periodiScritti(periodi) },
        { label: 'Giorni entro le lezioni', value: `${intero(giorni)}, pari a ${conta(settimane, 'settimana', 'settimane')} (conta anche quella iniziata)` },
        ...(settimaneEsame > 0 ? [{ label: "Per l'esame di Stato", value: `altre ${conta(settimaneEsame, 'settimana', 'settimane')}` }] : []),
        { label: 'Ore massime', value: `${conta(settimane + settimaneEsame, 'settimana', 'settimane')} × ${oreScritte(tettoSettimanale)} ore settimanali in presenza = ${oreDi(minuti)}` },
        { label: 'Ore autorizzate in tutto', value: oreDi(step.context.minutiAutorizzati) },
      ],
    },
  ];
}

export const CONDIZIONI: DocumentBlock[] = [
  { heading: 'Condizioni', level: 2 },
  {
    list: [
      'Il numero di ore autorizzate non può essere superato: le ore in più non sono contabili.',
      "Nell'ambito del monte ore autorizzato possono variare le ore attribuite ai docenti o i nominativi degli stessi.",
      'Il limite settimanale riguarda le ore in presenza; le ore svolte online, oltre il proprio orario di servizio, devono essere certificate dal Dirigente scolastico sul registro.',
      'Se il progetto prosegue oltre il periodo certificato occorrono il Modello S aggiornato e la richiesta di proroga.',
    ],
  },
];
