/** How a driven scenario stands: what the live view shows. */
export interface DriveStatus {
  scenario: string;
  state: 'running' | 'paused' | 'ended';
  /** The scenario's present time, ms since 1970. */
  timeMs: number;
  /** The last close of the scenario. */
  endsAtMs: number;
  /** Scenario seconds for one second; 1: real time. */
  speed: number;
  /** Those that a person may choose from; any up to SPEED_MAX (drive/drive-speed-and-clock.ts) is taken. */
  speeds: number[];
  /** Of the last seconds, where the network takes less than `speed` brings; null: it keeps up. */
  reachedSpeed: number | null;
  /** A command that shows the network once the drive is over; empty: none does. */
  afterwards: string;
}

export type DriveCommand =
  | { readonly action: 'pause' | 'resume' }
  | { readonly action: 'speed'; readonly speed: number };

/** The hand on a driven scenario; `GET` and `POST /view/drive` use it. */
export interface DrivePort {
  status(): DriveStatus;
  /** The scenario's time at an instant of the network's clock; null: before this drive began. */
  scenarioMs(atMs: number): number | null;
  /** Does what is asked and tells how it stands. A speed out of bounds becomes the nearest. */
  control(command: DriveCommand): Promise<DriveStatus>;
}
