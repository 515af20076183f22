/** The calls of the official Python client, in its own words, over its own wire. */
import { basename, extname } from "node:path";
import { type Entity, type Filter, fieldList, readable, slimmed, translated, type Values } from "./query.ts";
import { type Auth, Fault, Wire } from "./wire.ts";

export interface FindOptions {
  order?: { field_name: string; direction: "asc" | "desc" }[];
  filterOperator?: "all" | "any";
  limit?: number;
  page?: number;
  includeArchivedProjects?: boolean;
  presets?: unknown;
}

export interface Batched {
  request_type: "create" | "update" | "delete";
  type: string;
  id?: number;
  data?: Values;
}

const TYPES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".mov": "video/quicktime",
};
const IMAGES = ["image", "filmstrip_image"];

export class PythonClient {
  readonly #wire: Wire;
  readonly #auth: Auth;
  #info: Values | undefined;
  #token: string | undefined;

  constructor(url: string, auth: Auth) {
    this.#wire = new Wire(url);
    this.#auth =
      "session_token" in auth
        ? { session_token: auth.session_token!, reject_if_expired: true, ...auth }
        : auth;
  }

  close(): void {
    this.#wire.close();
  }

  get(url: string) {
    return this.#wire.get(url);
  }

  async info(): Promise<Values> {
    return (await this.#wire.rpc("info", [])) as Values;
  }

  async rpc<Result = unknown>(method: string, payload?: unknown): Promise<Result> {
    // The constructor's handshake.
    this.#info ??= await this.info();
    return (await this.#wire.rpc(
      method,
      payload === undefined ? [this.#auth] : [this.#auth, payload],
    )) as Result;
  }

  async find(
    type: string,
    filters: Filter[],
    fields: string[] = ["id"],
    options: FindOptions = {},
  ): Promise<Entity[]> {
    const { order = [], filterOperator = "all", limit = 0, page = 0, presets } = options;
    const pageSize = 500;
    const single = page > 0 || (limit > 0 && limit <= pageSize);
    const payload = {
      type,
      return_fields: fields,
      filters: translated(filters, filterOperator),
      return_only: "active",
      paging: {
        entities_per_page: limit > 0 && limit <= pageSize ? limit : pageSize,
        current_page: page || 1,
      },
      ...(presets !== undefined && { additional_filter_presets: presets }),
      ...(options.includeArchivedProjects === false && { include_archived_projects: false }),
      ...(order.length > 0 && { sorts: order }),
      api_return_image_urls: true,
      return_paging_info_without_counts: !single,
    };
    const found: Entity[] = [];
    for (;;) {
      const reply = await this.rpc<{ entities: Entity[]; paging_info?: { has_next_page: boolean } }>(
        "read",
        payload,
      );
      found.push(...readable(reply.entities));
      if (single) return found;
      if (!reply.paging_info) throw new Error("KeyError: 'paging_info'");
      if (!reply.paging_info.has_next_page || reply.entities.length === 0) return found;
      payload.paging.current_page += 1;
    }
  }

  async findOne(type: string, filters: Filter[], fields?: string[], options: FindOptions = {}) {
    const [first] = await this.find(type, filters, fields, { ...options, limit: 1 });
    return first ?? null;
  }

  /** Thumbnails among the data are uploaded afterwards. */
  async create(type: string, data: Values, returnFields?: string[]): Promise<Entity> {
    const [images, values] = withoutImages(data);
    const payload = {
      type,
      fields: fieldList(values),
      return_fields: (returnFields ?? ["id"]).filter((name) => !(name in images)),
    };
    const record = readable(await this.rpc<Entity>("create", payload));
    return Object.assign(record, await this.#publishAll(record, images));
  }

  async update(type: string, id: number, data: Values, modes: Record<string, string> = {}): Promise<Entity> {
    const [images, values] = withoutImages(data);
    let record: Entity = { type, id };
    if (Object.keys(values).length > 0) {
      const sent = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, slimmed(value)]));
      const mode = (name: string) => (name in modes ? { multi_entity_update_mode: modes[name] } : {});
      record = readable(await this.rpc<Entity>("update", { type, id, fields: fieldList(sent, mode) }));
    }
    return Object.assign(record, await this.#publishAll({ type, id }, images));
  }

  delete(type: string, id: number): Promise<boolean> {
    return this.rpc("delete", { type, id });
  }

  revive(type: string, id: number): Promise<boolean> {
    return this.rpc("revive", { type, id });
  }

  async batch(requests: Batched[]): Promise<unknown[]> {
    const items = requests.map(({ request_type, type, id, data = {} }) => {
      if (request_type === "delete") return { request_type, type, id };
      const fields = fieldList(data);
      return request_type === "create"
        ? { request_type, type, fields, return_fields: ["id"] }
        : { request_type, type, id, fields };
    });
    return readable(await this.rpc<unknown[]>("batch", items));
  }

  summarize(type: string, filters: Filter[], summaries: Values[], grouping: Values[], archived = true) {
    return this.rpc<{ summaries: Values; groups: Values[] }>("summarize", {
      type,
      summaries,
      filters: translated(filters),
      grouping,
      ...(!archived && { include_archived_projects: false }),
    });
  }

  async sessionToken(): Promise<string> {
    this.#token ??= (await this.rpc<{ session_id: string }>("get_session_token")).session_id;
    return this.#token;
  }

  /** With a login, the person is looked up first. */
  async updateProjectLastAccessed(project: Entity, user?: Entity): Promise<void> {
    const login = this.#auth.sudo_as_login ?? this.#auth.user_login;
    const person =
      user ?? (login ? await this.findOne("HumanUser", [["login", "is", login]]) : null) ?? undefined;
    const records = await this.rpc<unknown[]>("update_project_last_accessed_by_current_user", {
      project_id: project.id,
      user_id: person?.id,
    });
    if (records.length === 0) throw new Error("IndexError: list index out of range");
  }

  textSearch(text: string, types: Record<string, Filter[]>, limit: number | null = null) {
    const entity_types = Object.fromEntries(
      Object.entries(types).map(([type, filters]) => [type, translated(filters)]),
    );
    return this.rpc<{ terms: string[]; matches: Entity[] }>("query_display_name_cache", {
      text,
      entity_types,
      project_ids: [],
      max_results: limit,
    });
  }

  /** The id of the Attachment or Thumbnail. */
  async upload(
    type: string,
    id: number,
    path: string,
    bytes: Buffer,
    field: string,
    tags?: string,
  ): Promise<number> {
    const film = /^filmstrip_(thumb_)?image$/.test(field);
    const isThumb = film || /^(thumb_)?image$/.test(field);
    const fields: [string, unknown][] = [
      ["entity_type", type],
      ["entity_id", id],
      ...Object.entries(this.#auth),
    ];
    const name = basename(path);
    if (film) fields.push(["filmstrip", true]);
    else if (!isThumb) fields.push(["field_name", field], ["display_name", name]);
    if (tags !== undefined) fields.push(["tag_list", tags]);
    const file = {
      field: isThumb ? "thumb_image" : "file",
      name,
      type: TYPES[extname(name)] ?? "application/octet-stream",
      bytes,
    };
    const text = await this.#wire.form(isThumb ? "publish_thumbnail" : "upload_file", fields, file);
    if (!text.startsWith("1"))
      throw new Fault(`Could not upload file successfully, but not sure why: ${text}`, null);
    const result = text.split(":", 2)[1]?.split("\n", 1)[0];
    if (result === undefined) throw new Error("IndexError: list index out of range");
    return Number.parseInt(result, 10);
  }

  /** @param attachment an id, or a value with `url`, or with `type` and `id` */
  async download(attachment: number | Values): Promise<Buffer> {
    // The client asks for a session first, for a cookie that it then does not send to a host with a port.
    await this.sessionToken();
    const served = (id: unknown) => `${this.#wire.url}/file_serve/attachment/${id}`;
    if (typeof attachment === "number") return this.#wire.download(served(attachment));
    return this.#wire.download(typeof attachment.url === "string" ? attachment.url : served(attachment.id));
  }

  async #publishAll(record: Entity, images: Values): Promise<Values> {
    const urls: Values = {};
    for (const [name, bytes] of Object.entries(images)) {
      await this.upload(record.type, record.id, "sg_logo.jpg", bytes as Buffer, name);
      urls[name] = (await this.findOne(record.type, [["id", "is", record.id]], [name]))?.[name];
    }
    return urls;
  }
}

/** Pictures to upload, and everything else; null is an ordinary value. */
function withoutImages(data: Values): [images: Values, values: Values] {
  const isImage = ([name, value]: [string, unknown]) => IMAGES.includes(name) && value !== null;
  const entries = Object.entries(data);
  return [
    Object.fromEntries(entries.filter(isImage)),
    Object.fromEntries(entries.filter((entry) => !isImage(entry))),
  ];
}
