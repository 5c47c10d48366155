// Every address of the page and what draws it; all but the wall are fetched when they are asked for.
import type { Component } from "svelte";
import { page } from "./state.svelte";

export type Found = { load: () => Promise<{ default: Component<{ id: string }> }>; id: string; bare: boolean; title: string };
type Route = { match: RegExp; load: () => Promise<unknown>; bare?: boolean; title: string };

const withMore = async (found: Promise<unknown>): Promise<unknown> => (await Promise.all([found, page.readMore()]))[0];

export const ROUTES: Route[] = [
  { match: /^\/m$/, load: () => import("./pages/Visitor.svelte"), bare: true, title: "play" },
  { match: /^\/p\/([^/]+)$/, load: () => import("./pages/Life.svelte"), bare: true, title: "lifeStory" },
  { match: /^\/(?:work|cases)$/, load: () => import("./pages/Work.svelte"), title: "work" },
  { match: /^\/cases\/([^/]+)$/, load: () => import("./pages/Case.svelte"), title: "cases" },
  { match: /^\/machines\/([^/]+\/sensors\/[^/]+)$/, load: () => withMore(import("./pages/Sensor.svelte")), title: "sensors" },
  { match: /^\/machines\/([^/]+)$/, load: () => import("./pages/Machine.svelte"), title: "machine" },
  { match: /^\/parts$/, load: () => import("./pages/Parts.svelte"), title: "parts" },
  { match: /^\/printers$/, load: () => import("./pages/Printers.svelte"), title: "printers" },
  { match: /^\/history$/, load: () => withMore(import("./pages/History.svelte")), title: "historyTitle" },
  { match: /^\/connect$/, load: () => withMore(import("./pages/Connect.svelte")), title: "connect" },
  { match: /^\/backtest$/, load: () => withMore(import("./pages/Backtest.svelte")), title: "backtestTitle" },
  { match: /^\/settings$/, load: () => import("./pages/Settings.svelte"), title: "settings" },
];

export const find = (path: string): Found | undefined => {
  for (const route of ROUTES) {
    const hit = route.match.exec(path);
    if (hit) return { load: route.load as Found["load"], id: decodeURIComponent(hit[1] ?? ""), bare: route.bare ?? false, title: route.title };
  }
  return undefined;
};
