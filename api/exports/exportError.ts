/** What is wrong with an export: everything at once, so that the office corrects its data in one go. */

export interface ExportProblem {
  /** 1 is the first transfer or row; null is the file itself. */
  row: number | null;
  /** As the plugin's model names it, e.g. `iban`. */
  field: string;
  message: string;
}

/** Nothing was written. `problems` is in the order of the rows and never empty. */
export class ExportError extends Error {
  readonly problems: ExportProblem[];
  constructor(problems: ExportProblem[]) {
    const shown = problems.slice(0, 3).map(({ row, field, message }) => `${row === null ? '' : `row ${row}, `}${field}: ${message}`);
    super(`${shown.join('; ')}${problems.length > shown.length ? `; and ${problems.length - shown.length} more` : ''}`);
    this.name = 'ExportError';
    this.problems = problems;
  }
}
