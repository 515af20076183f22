import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Disk } from "./disk.ts";

it("a disk that fails turns read-only under who writes, keeps what was written, and is mended", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-disk-"));
  const disk = Disk.mounted(folder);
  try {
    if (!disk?.canFail) return context.skip("an ext4 on a loop device is needed, and root");
    const file = join(folder, "written");
    const fd = openSync(file, "w");
    writeSync(fd, "before");
    disk.fail();
    expect(() => writeSync(fd, "after")).toThrow(/EROFS/);
    expect(() => writeFileSync(join(folder, "another"), "")).toThrow(/EROFS/);
    closeSync(fd);
    await disk.mend();
    expect(readFileSync(file, "utf8")).toBe("before");
    writeFileSync(join(folder, "another"), "now it can");
    await disk.writable(false);
    expect(() => writeFileSync(file, "")).toThrow(/EROFS/);
    await disk.writable(true);
  } finally {
    disk?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
