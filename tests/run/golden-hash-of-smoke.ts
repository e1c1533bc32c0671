/**
 * The hash of every event of scenarios/smoke.yaml. It changes when, and only when, what clearing
 * decides or how events are laid out changes: then say so in CHANGELOG.md.
 */
export const SMOKE_HASH = '35e0563f2969be1117f5483816e0a17ed35b608cd778b8635b7fb91fce38213a';
