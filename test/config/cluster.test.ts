/** The section `cluster`: what the environment of a host says, and what of the database's address is a secret. */
import { describe, expect, test } from "vitest";
import { configSchema } from "../../src/config.ts";
import { clusterHere, clusterProblems, clusterSection, secretsInUrl } from "../../src/config-cluster.ts";
import { describeIssues } from "../../src/config-problems.ts";
import { redactor } from "../../src/redact.ts";

const section = (more: object = {}) =>
  clusterSection.parse({ url: "postgres://u:p@db/x", ...more }) as Parameters<typeof clusterHere>[0];

describe("of a host", () => {
  const hosts = { render01: { labels: ["render"], weight: 2 } };

  test("the environment's name comes before the configuration's, and that before the machine's", () => {
    expect(clusterHere(section({ host: "here" }), { CALLSHEET_HOST: "there" }).host).toBe("there");
    expect(clusterHere(section({ host: "here" }), {}).host).toBe("here");
    expect(clusterHere(section(), {}).host).not.toBe("");
  });

  test("labels and weight are those of its name, unless the environment says others", () => {
    expect(clusterHere(section({ hosts }), { CALLSHEET_HOST: "render01" })).toMatchObject(hosts.render01);
    expect(clusterHere(section({ hosts }), { CALLSHEET_HOST: "other" })).toMatchObject({
      labels: [],
      weight: 1,
    });
    const env = { CALLSHEET_HOST: "render01", CALLSHEET_LABELS: "gpu, big ,", CALLSHEET_WEIGHT: "0.5" };
    expect(clusterHere(section({ hosts }), env)).toMatchObject({ labels: ["gpu", "big"], weight: 0.5 });
  });

  test.each([
    [{ CALLSHEET_HOST: "a host" }, "CALLSHEET_HOST"],
    [{ CALLSHEET_HOST: ".." }, "CALLSHEET_HOST"],
    [{ CALLSHEET_WEIGHT: "1e308" }, "CALLSHEET_WEIGHT"],
    [{ CALLSHEET_LABELS: "render,g p u" }, "CALLSHEET_LABELS"],
    [{ CALLSHEET_WEIGHT: "0" }, "CALLSHEET_WEIGHT"],
    [{ CALLSHEET_WEIGHT: "much" }, "CALLSHEET_WEIGHT"],
    [{ CALLSHEET_WEIGHT: "Infinity" }, "CALLSHEET_WEIGHT"],
  ])("%j is told as wrong, with its value", (env, variable) => {
    const [problem, ...others] = clusterProblems(env);
    expect(others).toEqual([]);
    expect(problem).toContain(`${variable} is ${JSON.stringify(Object.values(env)[0])}; it must be`);
  });

  test("nothing is wrong where nothing is said", () => {
    expect(clusterProblems({})).toEqual([]);
    expect(clusterProblems({ CALLSHEET_HOST: "", CALLSHEET_LABELS: "", CALLSHEET_WEIGHT: "" })).toEqual([]);
    expect(
      clusterProblems({ CALLSHEET_HOST: "a.b-c_1", CALLSHEET_LABELS: "x,y", CALLSHEET_WEIGHT: "2" }),
    ).toEqual([]);
  });
});

test("the address and its password, as written and as meant, are secrets", () => {
  const address = "postgres://callsheet:a%40b%2Fc@db.studio.lan/callsheet";
  expect(secretsInUrl(address)).toEqual([address, "a%40b%2Fc", "a@b/c"]);
  expect(secretsInUrl("postgres://db.studio.lan/callsheet")).toEqual(["postgres://db.studio.lan/callsheet"]);
  expect(secretsInUrl("postgres://u:%E0%A4%A@db/x")).toContain("%E0%A4%A");
  expect(secretsInUrl("postgres://db/x?user=u&password=a%40b")).toContain("a@b");
});

test.each([
  [{ host: ".." }, "cluster.host must be a name"],
  [
    { hosts: { a: { weight: 1e9 } } },
    "cluster.hosts.a.weight must be a number above 0, at most 1000, not 1000000000",
  ],
])("%j is refused", (more, sentence) => {
  const input = { cluster: { url: "postgres://u:p@db/x", ...more } };
  const { error } = configSchema.safeParse(input);
  expect(describeIssues(error!.issues, input).join("\n")).toContain(sentence);
});

test("a password that is so short that it stands in other words is a secret within an address alone", () => {
  const clean = redactor(secretsInUrl("postgres://u:p@db/x"));
  expect(clean("check host and port in cluster.url")).toBe("check host and port in cluster.url");
  for (const address of ["postgres://u:p@db/x", "postgres://u:p@db/y"])
    expect(clean(address)).not.toContain(":p@");
  const asked = redactor(secretsInUrl("postgres://db/x?user=u&password=pw1"));
  expect(asked("pw1pw1 ?password=pw1&user=u")).toBe("pw1pw1 ?***&user=u");
});

test.each([
  [{ host: "" }, "cluster.host"],
  [{ schema: "" }, "cluster.schema"],
  [{ runsOn: { notify: "" } }, "cluster.runsOn.notify"],
])("%j is one problem", (more, key) => {
  const input = { cluster: { url: "postgres://u:p@db/x", ...more } };
  const { error } = configSchema.safeParse(input);
  const problems = describeIssues(error!.issues, input).filter((problem) => problem.startsWith("cluster"));
  expect(problems).toEqual([expect.stringContaining(`${key} must be a name`)]);
});

test("an address in place of the section is not shown", () => {
  const input = { cluster: "postgres://u:not@for/logs@db/x" };
  const { error } = configSchema.safeParse(input);
  expect(describeIssues(error!.issues, input).join("\n")).toContain("cluster must be an object, not a text.");
});
