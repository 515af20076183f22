/** Requests to the control API; see docs/api.md. */
import { signal } from "@preact/signals";

/** A refusal of the daemon, in its own sentence; or the daemon cannot be reached (status 0). */
export class Refusal extends Error {
  readonly status: number;
  readonly hint: string | null;

  constructor(status: number, message: string, hint: string | null) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** True once the server asked for a token that this browser does not have. */
export const needsLogin = signal(false);

/** @throws Refusal */
export async function ask<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return send<Answer>(path, { signal: signal ?? null });
}

/** @throws Refusal */
export async function change<Answer>(path: string, body: object): Promise<Answer> {
  return send<Answer>(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-callsheet": "page" },
    body: JSON.stringify(body),
  });
}

async function send<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`/api/v1${path}`, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(
      0,
      "The daemon does not answer.",
      "It may be stopped, or restarting; this page goes on asking.",
    );
  });
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  if (response.status === 401) needsLogin.value = true;
  throw new Refusal(
    response.status,
    answer?.error?.message ?? `The server answered with status ${response.status}.`,
    answer?.error?.hint ?? null,
  );
}
