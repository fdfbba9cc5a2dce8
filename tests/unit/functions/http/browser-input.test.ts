import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clearCookie, readCookie, setCookie } from "../../../../functions/http/cookies.ts";
import { readForm } from "../../../../functions/http/read-form.ts";
import { sealedValue } from "../../../../functions/http/sealed-value.ts";
import { LINK_KEYS } from "../../../support/memory-front.ts";

const NAME = "__Host-zs-session";
const withCookie = (cookie: string) =>
  new HttpRequest({ method: "GET", url: "https://app.example/", headers: { cookie } });
const withBody = (body: string | Uint8Array, type = "application/x-www-form-urlencoded") =>
  new HttpRequest({
    method: "POST",
    url: "https://app.example/",
    headers: { "content-type": type },
    body: typeof body === "string" ? { string: body } : { bytes: body },
  });

describe("cookies", () => {
  it("are bound to this host, hidden from scripts and sent over secure channels only", () => {
    expect(setCookie(NAME, "v", { sameSite: "Lax", maxAgeSeconds: 9 })).toEqual({
      name: NAME,
      value: "v",
      path: "/",
      secure: true,
      httpOnly: true,
      sameSite: "Lax",
      maxAge: 9,
    });
    expect(clearCookie(NAME, "None")).toMatchObject({ value: "", maxAge: 0, sameSite: "None", secure: true });
  });

  it("are read by their exact name, and not at all when there are two of them", () => {
    expect(readCookie(withCookie(`a=1; ${NAME}=x=y; b=2`), NAME)).toBe("x=y");
    expect(readCookie(withCookie(`x${NAME}=1; ${NAME.toLowerCase()}=2`), NAME)).toBeUndefined();
    expect(readCookie(withCookie(`${NAME}=1; ${NAME}=2`), NAME)).toBeUndefined();
  });
});

describe("posted forms", () => {
  it("are read with every field once", async () => {
    expect(
      await readForm(withBody("a=1&b=%C3%A4+%2B", "application/x-www-form-urlencoded; charset=utf-8"), 100),
    ).toEqual({ a: "1", b: "ä +" });
    expect(await readForm(withBody("a=1&a=2"), 100)).toBeUndefined();
  });

  it("are refused with another content type, too much, or bytes that are not UTF-8", async () => {
    expect(await readForm(withBody("a=1", "text/plain"), 100)).toBeUndefined();
    expect(await readForm(withBody("a=1", "application/json"), 100)).toBeUndefined();
    expect(await readForm(withBody(`a=${"1".repeat(99)}`), 100)).toBeUndefined();
    expect(await readForm(withBody(Uint8Array.of(0x61, 0x3d, 0xff)), 100)).toBeUndefined();
  });

  it("know no fields but their own", async () => {
    expect((await readForm(withBody("a=1"), 100))?.["constructor"]).not.toBe("1");
    expect(await readForm(withBody("__proto__=1&a=2"), 100)).toHaveProperty("a", "2");
  });
});

describe("sealed values", () => {
  const value = sealedValue("form", z.object({ a: z.string() }), LINK_KEYS);
  const [early, end, late] = ["2026-11-24T09:00:00.000Z", "2026-11-24T10:00:00.000Z", "2026-11-24T10:00:00.001Z"];

  it("come back as they went, until they expire", () => {
    const box = value.seal({ a: "x" }, end);
    expect(value.open(box, early)).toEqual({ a: "x" });
    expect(value.open(box, end)).toBeUndefined();
    expect(value.open(box, late)).toBeUndefined();
  });

  it("do not come back for another purpose or in another form", () => {
    const box = value.seal({ a: "x" }, end);
    expect(sealedValue("session", z.object({ a: z.string() }), LINK_KEYS).open(box, early)).toBeUndefined();
    expect(sealedValue("form", z.object({ b: z.string() }), LINK_KEYS).open(box, early)).toBeUndefined();
    expect(value.open(undefined, early)).toBeUndefined();
  });
});
