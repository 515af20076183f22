/** Where letters go. `mail.ts` and `post.ts` implement it. */
import type { CallsheetError } from "../errors.ts";
import type { Receiver } from "./outbox.ts";
import type { View } from "./view.ts";

export interface Sink {
  /** `mail`, `slack 1`; as receivers name it. */
  readonly name: string;
  /** Where that is, for people; without secrets. */
  readonly place: string;
  /**
   * Resolves when the letter was accepted; with a sentence when not by everybody it was for.
   * @throws {SendError} ALERT_NOT_SENT; takes no longer than a minute
   */
  send(view: View, receiver: Receiver): Promise<string | null>;
  /**
   * Says hello without sending anything. False: this kind of place cannot be asked.
   * @throws {SendError} ALERT_NOT_SENT
   */
  greet(): Promise<boolean>;
  close(): Promise<void>;
}

export type SendError = CallsheetError & {
  /** The place itself is in order: only this letter or receiver was refused. */
  refused?: boolean;
  /** The place's own wish, milliseconds. */
  retryAfterMs?: number;
};
