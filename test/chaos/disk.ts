/**
 * The small disk that a state folder lies on, which may be filled, made read-only, and fail: an ext4 in a file of its own, or where that
 * cannot be had a tmpfs, which does not fail.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const SIZE_MB = 192;
/** In memory, so that a run is not as slow as the machine's own disk. */
const MEMORY = "/dev/shm";
const OPTIONS = "loop,errors=remount-ro";

export class Disk {
  readonly #folder: string;
  /** null: a tmpfs. */
  readonly #image: string | null;

  private constructor(folder: string, image: string | null) {
    this.#folder = folder;
    this.#image = image;
  }

  /** null where this process may not mount anything. */
  static mounted(folder: string): Disk | null {
    const image = formatted();
    if (image !== null) {
      const disk = new Disk(folder, image);
      if (disk.#mount()) return disk;
      rmSync(image, { force: true });
    }
    return run("mount", "-t", "tmpfs", "-o", `size=${SIZE_MB}m`, "tmpfs", folder).ok
      ? new Disk(folder, null)
      : null;
  }

  get canFail(): boolean {
    return this.#image !== null && existsSync(this.#trigger);
  }

  /** For nobody has it open. */
  async writable(yes: boolean): Promise<void> {
    await whileBusy("mount", "-o", `remount,${yes ? "rw" : "ro"}`, this.#folder);
  }

  /** It turns read-only under whoever writes; everything that was written until now is there. */
  fail(): void {
    run("sync", "-f", this.#folder);
    writeFileSync(this.#trigger, "1");
  }

  /** What an administrator does then. Nobody may have it open. */
  async mend(): Promise<void> {
    await whileBusy("umount", this.#folder);
    run("e2fsck", "-fy", this.#image!);
    if (!this.#mount()) throw new Error(`${this.#image} cannot be mounted again`);
  }

  remove(): void {
    run("umount", "-l", this.#folder);
    if (this.#image !== null) rmSync(this.#image, { force: true });
  }

  #mount(): boolean {
    return run("mount", "-o", OPTIONS, this.#image!, this.#folder).ok;
  }

  get #trigger(): string {
    const device = run("findmnt", "-no", "SOURCE", this.#folder).printed.trim();
    return `/sys/fs/ext4/${basename(device)}/trigger_fs_error`;
  }
}

/** A file with an empty file system; null where there is none to be had. */
function formatted(): string | null {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "callsheet-chaos-"));
  const image = `${folder}.disk`;
  rmSync(folder, { recursive: true });
  writeFileSync(image, "");
  truncateSync(image, SIZE_MB * 1024 * 1024);
  if (run("mkfs.ext4", "-q", "-m", "0", image).ok) return image;
  rmSync(image);
  return null;
}

/** What a killed daemon started may hold a file open for a moment longer: waited for. */
async function whileBusy(command: string, ...args: string[]): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { ok, printed } = run(command, ...args);
    if (ok) return;
    if (tries >= 100 || !printed.includes("busy")) throw new Error(printed);
    await wait(100);
  }
}

function run(command: string, ...args: string[]): { ok: boolean; printed: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { ok: status === 0, printed: (stdout ?? "") + (stderr ?? "") };
}
