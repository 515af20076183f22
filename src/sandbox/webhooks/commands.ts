/** The controls of webhooks over HTTP: see `server/control.ts`. */
import { z } from "zod";
import type { WebhookOptions } from "./webhook.ts";
import type { Webhooks } from "./webhooks.ts";

const id = z.string();

export const webhookCommands = [
  z.strictObject({
    do: z.literal("webhook"),
    url: z.string(),
    secret: z.string().optional(),
    events: z.record(z.string(), z.array(z.string()).nullable()).optional(),
    projects: z.array(z.int()).optional(),
    batched: z.boolean().optional(),
  }),
  z.strictObject({ do: z.literal("webhooks") }),
  z.strictObject({ do: z.literal("webhook_status"), id, status: z.enum(["active", "disabled"]) }),
  z.strictObject({ do: z.literal("webhook_remove"), id }),
] as const;

type Command = z.output<(typeof webhookCommands)[number]>;

/** Secrets are not told back. */
export async function changeWebhooks(webhooks: Webhooks, command: Command): Promise<object> {
  switch (command.do) {
    case "webhook": {
      const { do: _do, ...options } = command;
      return { id: webhooks.register(options as WebhookOptions).id };
    }
    case "webhooks":
      return {
        webhooks: webhooks.list().map(({ id, status, deliveries, options: { secret, ...options } }) => ({
          id,
          status,
          ...options,
          signed: secret !== undefined,
          deliveries,
        })),
      };
    case "webhook_status":
      webhooks.get(command.id).setStatus(command.status, "Set by hand.");
      return { id: command.id, status: command.status };
    case "webhook_remove":
      await webhooks.remove(command.id);
      return { removed: command.id };
  }
}
