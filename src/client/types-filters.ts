/** Filters checked against the schema: the path, the relation for its data type, the values (protocol notes 4.4). */
import type { Filter, FilterOperator, Filters, Relation, WireCondition, WireGroup } from "./filters.ts";
import type { EntityName, FieldAt, FilterLinks, SiteEntities, Suggestion } from "./types.ts";
import type { Choice, LinkedTypes, LinkInput } from "./types-values.ts";

type Span = "in_last" | "not_in_last" | "in_next" | "not_in_next";
type Calendar = "in_calendar_day" | "in_calendar_week" | "in_calendar_month" | "in_calendar_year";
type Named = "name_is" | "name_contains" | "name_not_contains" | "name_starts_with" | "name_ends_with";
type Typed = "type_is" | "type_is_not";

// Looked up by key, since the compiler's messages then show the relations and not a name for them.
interface Sets {
  same: "is" | "is_not";
  listed: "is" | "is_not" | "in" | "not_in";
  compared: "is" | "is_not" | "in" | "not_in" | "less_than" | "greater_than" | "between";
}

/** Data type → the relations that fit; a data type that is not listed takes all. */
interface Relations {
  text: Sets["listed"] | "contains" | "not_contains" | "starts_with" | "ends_with";
  number: Sets["compared"];
  integer: Sets["compared"];
  float: Sets["compared"];
  percent: Sets["compared"];
  duration: Sets["compared"];
  timecode: Sets["compared"];
  currency: Sets["compared"] | "not_between";
  date: Sets["compared"] | Span | Calendar;
  date_time: Sets["compared"] | Span | Calendar;
  checkbox: Sets["same"];
  list: Sets["listed"];
  status_list: Sets["listed"];
  entity_type: Sets["listed"];
  uuid: Sets["listed"];
  color: Sets["listed"];
  entity: Sets["listed"] | Typed | "name_is" | "name_contains" | "name_not_contains";
  multi_entity: Sets["listed"] | Typed | Named;
  addressing: Sets["listed"] | Typed | Named | "contains" | "not_contains";
  tag_list: Sets["same"] | "name_contains" | "name_not_contains" | "name_id";
  image: Sets["same"];
  jsonb: Sets["same"] | "contains" | "not_contains";
  url: never;
  password: never;
  serializable: never;
  summary: never;
  calculated: never;
  pivot_column: never;
}

type RelationOf<F> = F extends { dataType: infer D }
  ? D extends keyof Relations
    ? Relations[D]
    : Relation
  : never;

/** Filters for one entity type: what was passed where it is right, what should stand there where it is not. */
export type CheckFilters<T, Passed> = T extends keyof SiteEntities ? CheckKnown<T, Passed> : Filters;

/** Filters for several entity types at once, each checked with its own fields. */
export type CheckSearch<Passed> = {
  readonly [Type in keyof Passed]: CheckSearched<Type, Passed[Type]>;
};

// Types in a variable are trusted; the branch that gives `Passed` as it is also lets the compiler learn it.
type CheckSearched<Type, Passed> = string extends Type
  ? Passed
  : Type extends EntityName
    ? CheckFilters<Type, Passed>
    : `${Type & string} is no entity type of the site`;

type CheckKnown<T, Passed> = Filters extends Passed
  ? Filters
  : Passed extends readonly unknown[]
    ? { readonly [Index in keyof Passed]: CheckFilter<T, Passed[Index]> }
    : WireGroup;

// Filters put together elsewhere are trusted: nothing is known of their parts.
type CheckFilter<T, Passed> = Filter extends Passed ? Filter : CheckKnownFilter<T, Passed>;

type CheckKnownFilter<T, Passed> = Passed extends readonly [infer Path, infer Rel, ...infer Values]
  ? CheckCondition<T, Path, Rel, Values>
  : Passed extends readonly []
    ? readonly [path: string, relation: Relation, ...values: unknown[]]
    : Passed extends readonly unknown[]
      ? Passed
      : Passed extends { filters: infer Inner }
        ? CheckGroup<CheckFilters<T, Inner>>
        : WireCondition | WireGroup;

type CheckGroup<Inner> =
  | { readonly filterOperator: FilterOperator; readonly filters: Inner }
  | { readonly filter_operator: FilterOperator; readonly filters: Inner };

type CheckCondition<T, Path, Rel, Values> = string extends Path
  ? readonly [path: string, relation: Relation, ...values: unknown[]]
  : CheckField<FilterField<T, Path>, T, Path, Rel, Values>;

/** `$FROM$Task.entity.due_date` begins at the rows that point here. */
type FilterField<T, Path> = Path extends `$FROM$${infer Type}.${infer Link}.${infer Rest}`
  ? [FieldAt<Type, Link, FilterLinks>] extends [never]
    ? never
    : FieldAt<Type, Rest, FilterLinks>
  : FieldAt<T, Path, FilterLinks>;

type CheckField<F, T, Path, Rel, Values> = [F] extends [never]
  ? readonly [path: Suggestion<T, Path, FilterLinks>, relation: Relation, ...values: unknown[]]
  : Relation extends Rel
    ? readonly [path: Path, relation: Relation, ...values: unknown[]]
    : [Rel] extends [RelationOf<F>]
      ? readonly [path: Path, relation: Rel, ...values: CheckValues<F, Rel, Values>]
      : readonly [path: Path, relation: Fitting<F>, ...values: unknown[]];

type Fitting<F> = [RelationOf<F>] extends [never]
  ? F extends { dataType: infer D extends string }
    ? `${D} fields cannot be filtered`
    : never
  : RelationOf<F>;

// A single list as value is the same as its items one by one.
type CheckValues<F, Rel, Values> = Values extends readonly [infer List extends readonly unknown[]]
  ? readonly [Arguments<Rel, Comparable<F, Rel> | Trusted<F, List[number]>>]
  : Values extends readonly unknown[]
    ? Arguments<Rel, Comparable<F, Rel> | Trusted<F, Values[number]>>
    : never;

type Unit = "HOUR" | "DAY" | "WEEK" | "MONTH" | "YEAR";

type Arguments<Rel, Value> = Rel extends "in" | "not_in"
  ? readonly Value[]
  : Rel extends "between" | "not_between"
    ? readonly [from: Value, to: Value]
    : Rel extends Span
      ? readonly [count: number, unit: Unit]
      : readonly [value: Value];

/** What one value of the relation is compared with. */
type Comparable<F, Rel> = Rel extends Calendar | "name_id"
  ? number
  : Rel extends Named
    ? string
    : Rel extends Typed
      ? LinkedTypes<F, FilterLinks | "addressing">
      : Operand<F> | (Rel extends Sets["listed"] ? Empty<F, Rel> : never);

// A checkbox is never empty; the site refuses null in a list of texts.
type Empty<F, Rel> = F extends { dataType: "checkbox" }
  ? never
  : F extends { dataType: "text" }
    ? Rel extends Sets["same"]
      ? null
      : never
    : null;

interface Operands {
  text: string;
  number: number | bigint;
  integer: number | bigint;
  float: number;
  percent: number;
  currency: number;
  duration: number;
  timecode: number;
  date: string;
  date_time: Date | string;
  checkbox: boolean;
  color: string;
  uuid: string;
  entity_type: EntityName;
  /** Only compared with null. */
  image: null;
}

type Operand<F> = F extends { dataType: infer D; of: infer Of }
  ? D extends "list" | "status_list"
    ? Choice<Of>
    : D extends FilterLinks | "addressing"
      ? LinkInput<LinkedTypes<F, D>>
      : D extends keyof Operands
        ? Operands[D]
        : unknown
  : never;

/** A choice or link known only when the program runs, such as `event.entity`, is taken as it is. */
type Trusted<F, Value> = F extends { dataType: "list" | "status_list" | "entity_type" }
  ? string extends Value
    ? string
    : never
  : F extends { dataType: FilterLinks | "addressing" }
    ? Value extends { type: infer Type; id: unknown }
      ? string extends Type
        ? Value
        : never
      : never
    : never;
