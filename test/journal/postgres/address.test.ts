import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { forClient } from "../../../src/journal/postgres/address.ts";
import { Engine } from "../../../src/journal/postgres/engine.ts";

const PASSWORD = "not-for-logs";

/** What a person is told of an address. */
function said(url: string): string {
  try {
    new Engine({ url, schema: "callsheet", statementTimeoutMs: 1, connectTimeoutMs: 1, connections: 1 });
    return "taken";
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    return `${code} ${message} ${hint}`;
  }
}

it.each([
  [`callsheet:${PASSWORD}@db/callsheet`, "does not begin with postgres://"],
  [`mysql://callsheet:${PASSWORD}@db/callsheet`, "does not begin with postgres://"],
  [`postgres://callsheet:${PASSWORD}#/@db/callsheet`, "is not an address"],
  [`postgres://callsheet:12/${PASSWORD}@db/callsheet`, "is not understood"],
  [`postgres://callsheet:12#${PASSWORD}@db/callsheet`, "is not understood"],
  [`postgres://callsheet:12?${PASSWORD}@db/callsheet`, "is not understood"],
  [`postgres://callsheet:${PASSWORD}@db/callsheet?sslmode=no-verify`, "has sslmode=no-verify, which is none"],
  [
    `postgres://callsheet:${PASSWORD}@db/callsheet?sslmode=verify-full&sslrootcert=/not/there.pem`,
    "names the file /not/there.pem, which cannot be read",
  ],
])("an address that cannot be used is refused in a sentence, without its password: %s", (url, sentence) => {
  const words = said(url);
  expect(words).toContain(`CONFIG_INVALID cluster.url ${sentence}.`);
  expect(words).not.toContain(PASSWORD);
});

it.each(["postgres", "postgresql"])("%s:// is taken", (protocol) => {
  expect(said(`${protocol}://callsheet:${PASSWORD}@db/callsheet`)).toBe("taken");
});

it.each(["require", "prefer", "verify-ca", "verify-full"])(
  "sslmode=%s needs no warning of the client",
  (mode) => {
    const warned: unknown[] = [];
    const emit = process.emitWarning;
    onTestFinished(() => {
      process.emitWarning = emit;
    });
    process.emitWarning = (warning: unknown) => void warned.push(warning);
    expect(said(`postgres://callsheet:${PASSWORD}@db/callsheet?sslmode=${mode}`)).toBe("taken");
    expect(warned).toEqual([]);
  },
);

it("options of the address are kept", () => {
  const given = forClient(
    "postgres://callsheet@db/callsheet?options=-c%20work_mem%3D8MB&sslmode=verify-full&options=-c%20jit%3Doff",
  );
  expect(given).toEqual({
    connectionString: "postgres://callsheet@db/callsheet?sslmode=verify-full",
    options: "-c work_mem=8MB -c jit=off",
  });
  expect(new pg.Client(given)).toHaveProperty("connectionParameters.options", given.options);
  expect(forClient("postgres://callsheet@db/callsheet")).toEqual({
    connectionString: "postgres://callsheet@db/callsheet",
  });
});
