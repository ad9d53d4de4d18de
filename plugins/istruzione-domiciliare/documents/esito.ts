/** The reason for which a project ends before its time. */
import { POLO, type ProjectStep, SCUOLA } from './letter.ts';

// A reason is free text, in which health data may be written: whoever reads it leaves a trace.
export const ESITO = { readBy: [...SCUOLA, ...POLO], protected: true };

export const motivoOf = ({ context }: ProjectStep): string => context.chiusura?.motivo ?? '';
