/** The shape of `sandbox-schema.json`, the schema of a fresh site (protocol notes 12.3). */
import file from "./sandbox-schema.json" with { type: "json" };

export type DataType =
  | "text"
  | "number"
  | "integer"
  | "float"
  | "percent"
  | "currency"
  | "duration"
  | "timecode"
  | "footage"
  | "date"
  | "date_time"
  | "checkbox"
  | "color"
  | "list"
  | "status_list"
  | "entity"
  | "multi_entity"
  | "tag_list"
  | "entity_type"
  | "image"
  | "url"
  | "uuid"
  | "password"
  | "serializable"
  | "jsonb"
  | "summary"
  | "calculated"
  | "pivot_column";

/** Who may write a field: see the notes on each word in the file's `_about`. */
export type WriteRule = "always" | "create_only" | "never" | "discarded" | "upload_only_null_clears";

export interface RawField {
  data_type: DataType;
  name: string;
  editable: boolean;
  mandatory: boolean;
  unique: boolean;
  visible_editable: boolean;
  default_value: unknown;
  summary_default: string;
  write: WriteRule;
  computed?: boolean;
  /** Absent: shown everywhere. */
  visible?: boolean;
  description?: string;
  custom_metadata?: string;
  in_schema?: boolean;
  valid_types?: string[];
  valid_values?: string[];
  hidden_values?: string[];
  display_values?: Record<string, string>;
  inverse_field?: string;
  summary_field?: string;
  summary_value?: unknown;
  query?: unknown;
  open_in_new_window?: boolean;
  calculated_function?: unknown;
}

export interface RawEntityType {
  name: string;
  project_scoped: boolean;
  identifier_field: string | null;
  connection: boolean;
  fields: Record<string, RawField>;
}

export interface SchemaFile {
  server_info: Record<string, unknown>;
  data_types: Record<DataType, { operators: string[]; properties: string[] }>;
  statuses: { code: string; name: string; icon: string | null; system: boolean }[];
  steps: { entity_type: string; code: string; short_name: string; list_order: number }[];
  permission_rule_sets: { entity_type: string; codes: string[] }[];
  auto_names: Record<string, string>;
  preferences: Record<string, unknown>;
  entity_types: Record<string, RawEntityType>;
}

export const schemaFile = file as unknown as SchemaFile;
