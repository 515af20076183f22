/** The OpenAPI document, made from the shapes that requests are held to. */
import { z } from "zod";
import { API, type Route } from "./route.ts";

/** A route that answers with something else than one JSON object, or stands outside the API. */
export interface OtherRoute {
  method: "GET" | "POST";
  /** The whole of it. */
  path: string;
  summary: string;
  query?: z.ZodObject;
  /** Content type of what is sent to it; any. */
  takes?: string;
  /** By status. */
  replies: Record<number, { description: string; type?: string; shape?: z.ZodType }>;
  /** Statuses of refusals besides those that every route may answer with. */
  failures?: number[];
  /** It asks for no token. */
  open?: boolean;
}

export const DOCUMENT_ROUTE: OtherRoute = {
  method: "GET",
  path: `${API}/openapi.json`,
  summary: "This document",
  replies: { 200: { description: "OpenAPI 3.1.", type: "application/json" } },
};

const problem = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

export function openApi(routes: readonly Route[], others: readonly OtherRoute[], version: string): object {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, described: object) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: described };
  };
  for (const route of routes)
    add(`${API}${route.path.replace(/:(\w+)/g, "{$1}")}`, route.method, operation(route));
  for (const route of others) add(route.path, route.method, otherOperation(route));
  return {
    openapi: "3.1.0",
    info: { title: "Callsheet control API", version, description: "See docs/api.md." },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { token: [] }],
  };
}

function operation({ summary, params, query, body, reply, failures = [], method }: Route): object {
  const failed = [400, 401, 403, ...failures];
  return {
    summary,
    parameters: [...parameters(params, "path"), ...parameters(query, "query"), ...changeHeader(method)],
    ...(body && { requestBody: { required: true, content: json(schemaOf(body, "input")) } }),
    responses: {
      200: { description: "Done.", content: json(schemaOf(reply, "output")) },
      ...Object.fromEntries(failed.map((status) => [status, problemReply()])),
    },
  };
}

function otherOperation({ summary, query, takes, replies, failures = [], open = false }: OtherRoute): object {
  const refused = open ? failures : [401, 403, ...failures];
  return {
    summary,
    parameters: parameters(query, "query"),
    ...(takes !== undefined && { requestBody: { required: true, content: { [takes]: { schema: {} } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, { description, type, shape }]) => [
          status,
          {
            description,
            ...(type && { content: { [type]: { schema: shape ? schemaOf(shape, "output") : {} } } }),
          },
        ]),
      ),
      ...Object.fromEntries(refused.map((status) => [status, problemReply()])),
    },
    ...(open && { security: [] }),
  };
}

function parameters(shape: z.ZodObject | undefined, place: "path" | "query"): object[] {
  if (!shape) return [];
  const { properties = {}, required = [] } = schemaOf(shape, "input") as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(description && { description }),
    schema,
  }));
}

function changeHeader(method: string): object[] {
  if (method === "GET") return [];
  const description = "Any value; needed unless the token is sent as a bearer.";
  return [{ name: "x-callsheet", in: "header", required: false, description, schema: { type: "string" } }];
}

function problemReply(): object {
  return { description: "Refused.", content: json({ $ref: "#/components/schemas/Problem" }) };
}

function json(schema: object): object {
  return { "application/json": { schema } };
}

function schemaOf(shape: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: "any" });
  return schema;
}
