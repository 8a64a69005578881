// The same with a client of 2026-07-28.
import { gateway, modernClient } from './_gateway.mjs';
export const kind = 'ours';
export const program = ({ port, upstream }) => gateway(port, { url: upstream });
export const client = modernClient;
