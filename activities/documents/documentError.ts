/** What a document says cannot be printed: its maker must see which piece, and trying again would change nothing. */
export class DocumentError extends Error {
  override name = 'DocumentError';
  /** A path into the model: `letterhead.logo`, `blocks[3].table.rows[7]`. */
  readonly piece: string;
  constructor(piece: string, why: string, options?: ErrorOptions) {
    super(`${piece}: ${why}`, options);
    this.piece = piece;
  }
}
