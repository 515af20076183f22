import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Conf, OPTIONS, readConf } from "../../src/old-daemon/conf.ts";
import { confText, SMALLEST } from "./confs.ts";

const FILE = "/etc/shotgunEventDaemon.conf";

function read(text: string, env: Record<string, string> = {}): Conf {
  return readConf(text, FILE, env);
}

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  return read(text, env).problems.map(({ line, message, hint }) => `${line}: ${message}. ${hint}`);
}

test("required options are taken, the others have their old defaults", () => {
  const { values, problems, lines } = read(confText());
  expect(problems).toEqual([]);
  expect(values).toEqual({
    pidFile: "/var/log/sg/daemon.pid",
    eventIdFile: "/var/log/sg/daemon.id",
    logMode: 0,
    logging: 20,
    logFile: "/var/log/sg/daemon",
    logPath: null,
    timingLog: false,
    connRetrySleep: 60,
    maxConnRetries: 5,
    fetchInterval: 5,
    maxEventBatchSize: 500,
    server: "https://studio.shotgunstudio.com",
    name: "eventDaemon",
    key: "841c9a51bf45",
    proxyServer: null,
    useSessionUuid: true,
    paths: ["/usr/local/sg/plugins"],
    emailsEnabled: false,
    emailsServer: "",
    emailsPort: 25,
    emailsUseTls: false,
    emailsUsername: null,
    emailsPassword: null,
    emailsFrom: "",
    emailsTo: null,
    emailsSubject: "",
  });
  expect(lines.pidFile).toBe(2);
  expect(lines.logPath).toBeUndefined();
});

test("every other option is taken, whatever the case of its name and its delimiter", () => {
  const text = confText({
    daemon: { LOGPATH: "/var/log/sg", timing_log: "on", Max_Event_Batch_Size: "100" },
    shotgun: { proxy_server: "user:pa:ss@proxy:3128" },
    plugins: { paths: "/a,\n  relative/b ,\n  C:\\c," },
    emails: {
      enabled: "yes",
      server: "smtp.studio.com",
      port: "587",
      USETLS: "on",
      username: "u",
      password: "100%",
      from: "daemon@studio.com",
      to: "a@studio.com, b@studio.com",
      subject: "[SG]",
    },
  }).replace("server: smtp", "server = smtp");
  const { values, problems } = read(text);
  expect(problems).toEqual([]);
  expect(values).toMatchObject({
    logPath: "/var/log/sg",
    timingLog: true,
    maxEventBatchSize: 100,
    proxyServer: "user:pa:ss@proxy:3128",
    paths: ["/a", "relative/b", "C:\\c"],
    emailsEnabled: true,
    emailsServer: "smtp.studio.com",
    emailsPort: 587,
    emailsUseTls: true,
    emailsUsername: "u",
    emailsPassword: "100%",
    emailsFrom: "daemon@studio.com",
    emailsTo: ["a@studio.com", "b@studio.com"],
    emailsSubject: "[SG]",
  });
});

const required = Object.entries(SMALLEST).flatMap(([section, options]) =>
  Object.keys(options).map((name) => ({ section, name })),
);

test.each(required)("$name is required in [$section]", ({ section, name }) => {
  const text = confText({ [section]: { [name]: null } });
  const header = text.split("\n").indexOf(`[${section}]`) + 1;
  expect(problemsOf(text)).toEqual([
    expect.stringContaining(`${header}: ${name} is missing from [${section}]. `),
  ]);
});

test("a section that is missing is named once; section names have a case", () => {
  expect(problemsOf(confText({ shotgun: null }))).toEqual([
    expect.stringMatching(/^null: there is no section \[shotgun\]\. Add \[shotgun\]/),
  ]);
  expect(problemsOf(confText().replace("[shotgun]", "[Shotgun]"))).toEqual([
    "null: there is no section [shotgun]. [Shotgun] is another section: write it as [shotgun].",
  ]);
});

test("timing_log is on for exactly on", () => {
  for (const word of ["On", "true", "1", "off", ""]) {
    expect(read(confText({ daemon: { timing_log: word } })).values.timingLog, word).toBe(false);
  }
});

describe("%(NAME)s", () => {
  const ofShotgun = (key: string, env: Record<string, string> = {}, more: Record<string, string> = {}) =>
    read(confText({ shotgun: { ...more, key } }), env);

  test("is a variable of the environment, taken as it is", () => {
    expect(ofShotgun("%(SG_KEY)s", { SG_KEY: "a%b%(c)s%%" }).values.key).toBe("a%b%(c)s%%");
    expect(ofShotgun("%(sg_key)s", { SG_KEY: "k" }).values.key).toBe("k");
    expect(ofShotgun("%(KEY)s", { KEY: "k" }).values.key).toBe("k");
  });

  test("is an option of the same section, or of [DEFAULT]", () => {
    const text = `[DEFAULT]\nbase: /srv/sg\n${confText({
      daemon: { logPath: "%(base)s/log", pidFile: "%(logpath)s/d.pid" },
    })}`;
    expect(read(text).values).toMatchObject({ logPath: "/srv/sg/log", pidFile: "/srv/sg/log/d.pid" });
  });

  test("which is not there is a problem with its line and variable", () => {
    const { problems, values } = ofShotgun("%(SG_KEY)s");
    expect(problems).toEqual([
      {
        line: 14,
        message: "key takes %(SG_KEY)s from the environment, where SG_KEY is not set",
        hint: expect.stringContaining("Set SG_KEY"),
        variable: "SG_KEY",
      },
    ]);
    expect(values.key).toBeUndefined();
    expect(values.name).toBe("eventDaemon");
  });

  test("that could be two variables is refused", () => {
    expect(ofShotgun("%(Sg_Key)s", { SG_KEY: "1", sg_key: "2" }).problems).toEqual([
      expect.objectContaining({ message: expect.stringContaining("SG_KEY and sg_key") }),
    ]);
  });

  test("in a circle does not end in one", () => {
    const { problems } = read(confText({ daemon: { pidFile: "%(logPath)s", logPath: "%(pidFile)s" } }));
    expect(problems.map(({ variable }) => variable)).toEqual(["logPath", "pidFile"]);
  });

  test("that several options need is missed once", () => {
    const text = confText({ daemon: { logPath: "%(BASE)s/log", pidFile: "%(logPath)s/d.pid" } });
    expect(read(text).problems).toEqual([expect.objectContaining({ variable: "BASE" })]);
  });

  test("a % that begins no name is a %, and so is %%", () => {
    expect(ofShotgun("a%b%%c%").values.key).toBe("a%b%c%");
    expect(ofShotgun("%(SG_KEY)x").problems).toEqual([
      expect.objectContaining({ message: "key has %(SG_KEY) without an s behind it" }),
    ]);
  });
});

test("the environment is taken where it is named, and nowhere else", () => {
  const hostile = {
    HTTP_PROXY: "http://a",
    http_proxy: "http://b",
    USERNAME: "root",
    PASSWORD: "hunter2",
    PORT: "8080",
    SERVER: "https://evil.example.com",
    LOGPATH: "/tmp",
    ENABLED: "True",
  };
  expect(read(confText(), hostile)).toEqual(read(confText()));
  expect(problemsOf(confText({ emails: { enabled: null } }), hostile)).toHaveLength(1);
});

test.each([
  ["daemon", "fetch_interval", "fast", 'must be a whole number of seconds, at least 0, not "fast"'],
  ["daemon", "fetch_interval", "-1", 'must be a whole number of seconds, at least 0, not "-1"'],
  ["daemon", "logMode", "", "must be a whole number, not empty"],
  ["shotgun", "use_session_uuid", "maybe", 'must be True or False, not "maybe"'],
  ["shotgun", "server", "", "must be the address of your site, not empty"],
  ["shotgun", "key", "", "must be the script's key, not empty"],
  ["plugins", "paths", " , ", 'must be paths of folders, separated by commas, not ","'],
  ["emails", "port", "smtp", 'must be a whole number, at least 1, not "smtp"'],
  ["emails", "useTLS", "2", 'must be True or False, not "2"'],
])("[%s] %s: %s", (section, name, value, said) => {
  expect(problemsOf(confText({ [section]: { [name]: value } }))).toEqual([
    expect.stringContaining(`${name} ${said}`),
  ]);
});

test("a comment behind a value belongs to it, and that is said", () => {
  expect(problemsOf(confText({ daemon: { logMode: "1 ; one each" } }))).toEqual([
    '4: logMode must be a whole number, not "1 ; one each". Comments stand on lines of their own: here ; and what follows belong to the value.',
  ]);
});

test("mails need an address each way once they are enabled", () => {
  const all = problemsOf(confText({ emails: { enabled: "True" } }));
  expect(all.map((problem) => problem.split(" ")[1])).toEqual(["server", "from", "to", "subject"]);
  const empty = confText({ emails: { enabled: "True", server: "", from: "", to: "", subject: "" } });
  expect(problemsOf(empty)).toEqual([]);
});

test("options that nobody reads are told of, with what they may have meant", () => {
  const { unused, problems } = read(confText({ daemon: { fetch_intervall: "1" }, sentry: { dsn: "x" } }));
  expect(problems).toEqual([]);
  expect(unused).toEqual([
    { section: "daemon", name: "fetch_intervall", line: 10, similar: "fetch_interval" },
    { section: "sentry", name: "dsn", line: expect.any(Number), similar: null },
  ]);
});

test("[callsheet] is kept for the configuration", () => {
  const { extras, unused } = read(confText({ callsheet: { "python.interpreter": "%(VENV)s/bin/python" } }), {
    VENV: "/venv",
  });
  expect(unused).toEqual([]);
  expect(extras).toEqual([
    { key: "python.interpreter", value: "/venv/bin/python", line: expect.any(Number) },
  ]);
});

test("no secret is shown, whatever is wrong with it", () => {
  const text = confText({ shotgun: { key: "s3cret\n  s3cret", proxy_server: "u:s3cret@p\n  s3cret" } });
  const { problems } = read(text);
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain("s3cret");
});

test("any text and any environment give a description or problems, never a throw", () => {
  const words = fc.oneof(
    fc.constantFrom("[daemon]", "[emails]", "enabled: True", "key: %(A)s%(", "%(B)s", "port = ", "  %%", "#"),
    fc.string({ maxLength: 20 }),
  );
  const env = fc.dictionary(fc.constantFrom("A", "a", "B", "__proto__"), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(words), env, (lines, variables) => {
      const { problems, values } = read(lines.join("\n"), variables);
      if (problems.length === 0) expect(Object.keys(values)).toEqual(Object.keys(OPTIONS));
    }),
  );
});

test("what is written is read again", () => {
  const text = fc.stringMatching(/^[^\s#;,%\p{Cc}\p{Z}\uFEFF][^,%\p{Cc}\p{Z}\uFEFF]{0,20}$/u);
  const number = fc.integer({ min: 0, max: 100_000 });
  const options = fc.record({
    pidFile: text,
    logging: number,
    key: text,
    paths: fc.array(text, { minLength: 1 }),
  });
  fc.assert(
    fc.property(options, ({ pidFile, logging, key, paths }) => {
      const escaped = key.replaceAll("%", "%%");
      const written = confText({
        daemon: { pidFile, logging: String(logging) },
        shotgun: { key: escaped },
        plugins: { paths: paths.join(", ") },
      });
      expect(read(written)).toMatchObject({ problems: [], values: { pidFile, logging, key, paths } });
    }),
  );
});
