/** Mail to a real server: in the clear and not, with a password, and with everything that can be wrong. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { mailReceiver } from "../../src/alerts/desk.ts";
import { openMail } from "../../src/alerts/mail.ts";
import type { View } from "../../src/alerts/view.ts";
import { alertsConfig, mailTo } from "./office.ts";
import { CERTIFICATE, openMailbox, portOf, withCertificate } from "./places.ts";
import { aView } from "./views.ts";

const LOGIN = { username: "callsheet", password: "p4ss" };
const TO = mailReceiver(["pipeline@studio.com"]);

function send(port: number, more: object = {}, to = TO, view: View = aView()): Promise<string | null> {
  return openMail(alertsConfig({ mail: mailTo(port, more) }).mail!, 400).send(view, to);
}

/** A mailbox that wants a password. */
function openLocked(options: object = {}) {
  const users: string[] = [];
  const mailbox = openMailbox({
    authOptional: false,
    onAuth({ username, password }, _session, callback) {
      users.push(`${username}:${password}`);
      if (username === LOGIN.username && password === LOGIN.password) callback(null, { user: username });
      else callback(new Error("Invalid username or password"));
    },
    ...options,
  });
  return mailbox.then((opened) => ({ ...opened, users }));
}

/** A server that is none: does what it is told with each connection. */
async function openOdd(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    behave(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

describe("TLS", () => {
  test("auto: in the clear when the server has nothing else", async () => {
    const { port, mails } = await openMailbox();
    expect(await send(port)).toBeNull();
    expect(mails).toMatchObject([{ secure: false, recipients: ["pipeline@studio.com"] }]);
  });

  test("auto: STARTTLS when the server offers it, whoever signed its certificate", async () => {
    const { port, mails } = await openMailbox(withCertificate());
    await send(port);
    expect(mails).toMatchObject([{ secure: true }]);
  });

  test("starttls: with a certificate that is trusted, or that nobody looks at", async () => {
    const { port, mails } = await openMailbox(withCertificate());
    await send(port, { tls: "starttls", caCerts: CERTIFICATE });
    await send(port, { tls: "starttls", verifyCertificate: false });
    expect(mails).toMatchObject([{ secure: true }, { secure: true }]);
    await expect(send(port, { tls: "starttls" })).rejects.toMatchObject({
      code: "ALERT_NOT_SENT",
      message: expect.stringContaining("certificate is not trusted"),
      hint: expect.stringContaining("verifyCertificate: false"),
    });
  });

  test("starttls: no mail to a server that does not offer it", async () => {
    const { port, mails } = await openMailbox();
    await expect(send(port, { tls: "starttls" })).rejects.toMatchObject({
      message: expect.stringContaining(`The mail server localhost:${port} does not offer STARTTLS`),
    });
    expect(mails).toEqual([]);
  });

  test("tls: from the first byte", async () => {
    const { port, mails } = await openMailbox({ ...withCertificate(), secure: true });
    await send(port, { tls: "tls", caCerts: CERTIFICATE });
    expect(mails).toMatchObject([{ secure: true }]);
  });

  test("tls: to a port that speaks in the clear is told as that", async () => {
    const { port } = await openMailbox();
    await expect(send(port, { tls: "tls" })).rejects.toMatchObject({
      code: "ALERT_NOT_SENT",
      message: expect.stringMatching(/^The mail server localhost:\d+ .*TLS/),
    });
  });
});

describe("passwords", () => {
  test("log in over STARTTLS", async () => {
    const { port, mails } = await openLocked(withCertificate());
    await send(port, { ...LOGIN, caCerts: CERTIFICATE });
    expect(mails).toMatchObject([{ secure: true, user: "callsheet" }]);
  });

  test("are not sent in the clear by themselves", async () => {
    const { port, users } = await openLocked({ allowInsecureAuth: true });
    await expect(send(port, LOGIN)).rejects.toMatchObject({ message: expect.stringContaining("STARTTLS") });
    expect(users).toEqual([]);
  });

  test("are with tls: none", async () => {
    const { port, mails } = await openLocked({ allowInsecureAuth: true });
    await send(port, { ...LOGIN, tls: "none" });
    expect(mails).toMatchObject([{ secure: false, user: "callsheet" }]);
  });

  test("that are wrong are told, and do not show", async () => {
    const { port } = await openLocked(withCertificate());
    const wrong = send(port, { ...LOGIN, password: "wr0ng", verifyCertificate: false });
    await expect(wrong).rejects.toMatchObject({
      code: "ALERT_NOT_SENT",
      message: expect.stringMatching(/does not let callsheet in \(it said: 535 /),
      hint: "Check alerts.mail.username and password.",
    });
    await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining("wr0ng") });
  });
});

describe("refusals", () => {
  const refuse = (address: string) =>
    address.startsWith("gone") ? Object.assign(new Error("No such user"), { responseCode: 550 }) : null;

  test("of one address among others are told, and the others get it", async () => {
    const { port, mails } = await openMailbox({ refuse });
    const to = mailReceiver(["gone@studio.com", "td@studio.com"]);
    expect(await send(port, {}, to)).toBe(`localhost:${port} did not take the mail for gone@studio.com`);
    expect(mails).toMatchObject([{ recipients: ["td@studio.com"] }]);
  });

  test("of all addresses concern the receiver, not the place", async () => {
    const { port } = await openMailbox({ refuse });
    await expect(send(port, {}, mailReceiver(["gone@studio.com"]))).rejects.toMatchObject({
      refused: true,
      message: expect.stringMatching(/refused sender, receiver or mail \(it said: 550 No such user/),
    });
  });
});

describe("a server", () => {
  test("that is not there", async () => {
    const { port, close } = await openMailbox();
    await close();
    await expect(send(port)).rejects.toMatchObject({
      refused: false,
      message: `The mail server localhost:${port} cannot be used: nothing listens there.`,
    });
  });

  test("whose name is not known", async () => {
    const mail = alertsConfig({ mail: { ...mailTo(25), server: "mail.invalid" } }).mail!;
    await expect(openMail(mail, 400).send(aView(), TO)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The mail server mail\.invalid:25 cannot be used: (its name|it did not)/,
      ),
    });
  });

  test("that takes the connection and says nothing", async () => {
    const port = await openOdd(() => {});
    await expect(send(port)).rejects.toMatchObject({
      message: expect.stringContaining("it did not answer in time"),
    });
  });

  test("that answers a byte at a time, for ever", async () => {
    const port = await openOdd((socket) => {
      const timer = setInterval(() => socket.write("2"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    await expect(send(port)).rejects.toMatchObject({
      message: expect.stringContaining("it did not answer in time"),
    });
  });

  test("that hangs up", async () => {
    const port = await openOdd((socket) => socket.end());
    await expect(send(port)).rejects.toMatchObject({ code: "ALERT_NOT_SENT" });
  });

  test("that is something else", async () => {
    const port = await openOdd((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await expect(send(port)).rejects.toMatchObject({
      code: "ALERT_NOT_SENT",
      message: expect.stringContaining("it said: HTTP/1.1 400"),
    });
  });
});
