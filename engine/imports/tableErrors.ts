/** What is wrong with a table, a row or a cell: a code and its figures, which the API tells in the reader's language. */

export type TableCode =
  // Of the whole file.
  | 'empty' | 'workbook' | 'notText' | 'quote' | 'noTable' | 'lacks' | 'twice'
  // Of a row.
  | 'tooMany' | 'cutOff' | 'missing' | 'contradicts' | 'refused' | 'rule'
  // Of a cell.
  | 'tooLong' | 'date' | 'time' | 'whole' | 'oneOf' | 'email' | 'mobile' | 'class' | 'unknownPupil' | 'pupilLeft' | 'unknownUser' | 'otherPupil' | 'guardianTwice';

export interface Said { code: TableCode; figures?: Record<string, string | number> }

const told = ({ code, figures }: Said) => `${code}${figures ? ` ${JSON.stringify(figures)}` : ''}`;

/** What a cell cannot be. */
export class CellError extends Error {
  override name = 'CellError';
  readonly said: Said;
  constructor(code: TableCode, figures?: Said['figures']) {
    const said: Said = figures ? { code, figures } : { code };
    super(told(said));
    this.said = said;
  }
}
/** The whole file cannot be taken. */
export class TableFileError extends Error {
  override name = 'TableFileError';
  readonly said: Said;
  constructor(said: Said) {
    super(told(said));
    this.said = said;
  }
}
