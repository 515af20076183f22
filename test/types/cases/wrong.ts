/** What the types of a fresh site refuse. `schema-types.test.ts` compares the compiler's words with the comments. */
import type { Callback } from "callsheet";
import type { Shotgun } from "callsheet/client";

declare const sg: Shotgun;

// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.find("Shto", []);
// Did you mean '"sg_status_list"'?
await sg.find("Shot", [["sg_statuslist", "is", "ip"]]);
// Type '"contains"' is not assignable to type '"in" | "is" | "is_not" | "not_in"'.
await sg.find("Shot", [["sg_status_list", "contains", "ip"]]);
// Type '"is"' is not assignable to type '"url fields cannot be filtered"'.
await sg.find("Version", [["sg_uploaded_movie", "is", null]]);
// Type '"ipp"' is not assignable to type '"cbb" | "fin" | "hld" | "ip" | "omt" | "rdy" | "wtg" | null'.
await sg.find("Shot", [["sg_status_list", "in", ["ip", "ipp"]]]);
// Did you mean '"sg_sequence.Sequence.code"'?
await sg.find("Shot", [["sg_sequence.Sequence.cod", "is", "a"]]);
// Type '"sg_sequence.Shot.code"' is not assignable to type '`sg_sequence.Sequence.${string}`'.
await sg.find("Shot", [["sg_sequence.Shot.code", "is", "a"]]);
// Type '"Asset"' is not assignable to type '"Project"'.
await sg.find("Shot", [["project", "is", { type: "Asset", id: 1 }]]);
// Type '"Asset"' is not assignable to type '"Project"'.
await sg.find("Shot", [["project", "type_is", "Asset"]]);
// Did you mean '"DAY"'?
await sg.find("Shot", [["created_at", "in_last", 2, "DAYS"]]);
// Type 'number' is not assignable to type 'string | Date | null'.
await sg.find("Shot", [["created_at", "is", 1]]);
// Type 'null' is not assignable to type 'boolean'.
await sg.find("Task", [["milestone", "is", null]]);
// Source has 2 element(s) but target requires 3.
await sg.find("Shot", [["code", "is"]]);
// Did you mean '"code"'?
await sg.find("Shot", [{ filterOperator: "any", filters: [["cod", "is", "a"]] }]);
// Did you mean '"code"'?
await sg.find("Shot", [], ["cod"]);
// Did you mean '"sg_sequence.Sequence.code"'?
await sg.find("Shot", [], ["code", "sg_sequence.Sequence.cod"]);
// '"assets.Asset.code"' is not assignable
await sg.find("Shot", [], ["assets.Asset.code"]);
// Did you mean '"code"'?
await sg.findOne("Shot", [], ["code"], { order: [{ field_name: "cod" }] });
// Property 'description' does not exist on type '{ code: string | null; id: number; type: "Shot"; }'.
(await sg.findOne("Shot", [], ["code"]))?.description;
// Did you mean '"code"'?
for await (const shot of sg.findEach("Shot", [], ["cod"])) void shot;
// Did you mean to write 'code'?
await sg.create("Shot", { cod: "x" });
// 'id' does not exist in type
await sg.create("Shot", { id: 1 });
// Type '"nope"' is not assignable to type '"cbb" | "fin" | "hld" | "ip" | "omt" | "rdy" | "wtg" | null'.
await sg.create("Shot", { sg_status_list: "nope" });
// Type '"Asset"' is not assignable to type '"Project"'.
await sg.create("Shot", { project: { type: "Asset", id: 1 } });
// Type '"Shot"' is not assignable to type '"Asset"'.
await sg.create("Shot", { assets: [{ type: "Shot", id: 1 }] });
// Type 'string' is not assignable to type 'number'.
await sg.create("Shot", { sg_cut_in: "1001" });
// Did you mean '"code"'?
await sg.create("Shot", {}, ["cod"]);
// 'created_at' does not exist in type
await sg.update("Shot", 1, { created_at: new Date() });
// 'code' does not exist in type
await sg.update("Shot", 1, {}, { multiEntityUpdateModes: { code: "add" } });
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.delete("Shto", 1);
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.revive("Shto", 1);
// '"Shto"' is not assignable to type '"ActionMenuItem"
await sg.batch([{ request_type: "delete", entity_type: "Shto", entity_id: 1 }]);
// Did you mean to write 'code'?
await sg.batch([{ request_type: "create", entity_type: "Shot", data: { cod: "" } }]);
// Did you mean '"code"'?
await sg.batch([{ request_type: "create", entity_type: "Shot", data: {}, return_fields: ["cod"] }]);
// 'created_at' does not exist in type
await sg.batch([{ request_type: "update", entity_type: "Shot", entity_id: 1, data: { created_at: null } }]);
// '"nope"' is not assignable
await sg.summarize("Task", [["nope", "is", 1]], [{ field: "id", type: "count" }]);
// '"nope"' is not assignable
await sg.summarize("Task", [], [{ field: "nope", type: "count" }]);
// '"nope"' is not assignable
await sg.summarize("Task", [], [], { grouping: [{ field: "nope", type: "exact" }] });

// Type 'never[]' is not assignable to type '"Shto is no entity type of the site"'.
await sg.textSearch("x", { Shto: [] });
// Did you mean '"code"'?
await sg.textSearch("x", { Shot: [["cod", "is", "x"]] });
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.upload("Shto", 1, "a.mov");
// Argument of type '"sg_uploaded_movi"' is not assignable to parameter of type
await sg.upload("Version", 1, "a.mov", "sg_uploaded_movi");
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.uploadThumbnail("Shto", 1, "a.png");
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.activityStreamRead("Shto", 1);
// '"Shto"' is not assignable to parameter of type '"ActionMenuItem"
await sg.schemaFieldRead("Shto");

export const onTask: Callback = async (connection) => {
  // Did you mean '"content"'?
  await connection.findOne("Task", [], ["contents"]);
};
