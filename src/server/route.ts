/** Routes of the API: each says what it takes and gives, is held to that, and is described in the OpenAPI document by the same. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { invalidRequest } from "./problem.ts";

type Shape = z.ZodObject | undefined;
type Given<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

export interface RouteOptions<P extends Shape, Q extends Shape, B extends Shape, R extends z.ZodType> {
  method: "GET" | "POST" | "DELETE";
  /** Below `/api/v1`, with `:name` for parameters. */
  path: string;
  /** One line for the document. */
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  reply: R;
  /** Statuses of failures that it may answer with, besides those that all may. */
  failures?: number[];
  handle(given: {
    params: Given<P>;
    query: Given<Q>;
    body: Given<B>;
    request: FastifyRequest;
    reply: FastifyReply;
  }): Promise<z.input<R>> | z.input<R>;
}

/** Any route, as it is kept in lists. */
export interface Route {
  method: "GET" | "POST" | "DELETE";
  path: string;
  summary: string;
  params?: Shape;
  query?: Shape;
  body?: Shape;
  reply: z.ZodType;
  failures?: number[];
  handle(given: {
    params: unknown;
    query: unknown;
    body: unknown;
    request: FastifyRequest;
    reply: FastifyReply;
  }): unknown;
}

export const API = "/api/v1";

export function route<P extends Shape, Q extends Shape, B extends Shape, R extends z.ZodType>(
  options: RouteOptions<P, Q, B, R>,
): Route {
  return options as unknown as Route;
}

export function addRoutes(server: FastifyInstance, routes: readonly Route[]): void {
  for (const each of routes) {
    server.route({
      method: each.method,
      url: `${API}${each.path}`,
      handler: async (request, reply) =>
        each.handle({
          params: parsed("path", each.params, request.params),
          query: parsed("query", each.query, request.query),
          body: parsed("body", each.body, request.body ?? {}),
          request,
          reply,
        }),
    });
  }
}

/** @throws CallsheetError REQUEST_INVALID */
function parsed(part: string, shape: Shape, value: unknown): unknown {
  if (!shape) return undefined;
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(part, result.error);
}
