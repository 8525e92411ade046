/** Two tones, twice: like no sound of a chat. Hertz, and when each begins, seconds. */
const TONES = [
  [880, 0],
  [660, 0.22],
  [880, 0.6],
  [660, 0.82],
] as const;
const TONE_S = 0.18;

/** `blocked`: the browser plays nothing before somebody has touched the page. */
export type SoundState = 'ready' | 'blocked' | 'missing';

/** Plays the sound of a page. */
export interface Sound {
  state(): SoundState;
  /** Plays it; false: the browser does not. */
  play(): Promise<boolean>;
  /** Calls back when the state has changed. Returns what ends that. */
  watch(onChange: () => void): () => void;
}

/** Makes the sound. The first touch of the page, of any kind, frees it where the browser wants one. */
export function createSound(make: () => AudioContext = () => new AudioContext()): Sound {
  let context: AudioContext | null | undefined;
  const open = (): AudioContext | null => {
    if (context !== undefined) return context;
    try {
      context = make();
    } catch {
      context = null;
    }
    return context;
  };
  return {
    state() {
      const audio = open();
      return audio === null ? 'missing' : audio.state === 'running' ? 'ready' : 'blocked';
    },
    async play() {
      const audio = open();
      if (audio === null) return false;
      // Without a touch of the page the promise of `resume` stays open for ever.
      await Promise.race([audio.resume().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 500))]);
      if (audio.state !== 'running') return false;
      for (const [hertz, at] of TONES) tone(audio, hertz, audio.currentTime + at);
      return true;
    },
    watch(onChange) {
      const audio = open();
      const free = () => void audio?.resume().catch(() => undefined);
      audio?.addEventListener('statechange', onChange);
      document.addEventListener('pointerdown', free);
      document.addEventListener('keydown', free);
      return () => {
        audio?.removeEventListener('statechange', onChange);
        document.removeEventListener('pointerdown', free);
        document.removeEventListener('keydown', free);
      };
    },
  };
}

function tone(audio: AudioContext, hertz: number, at: number): void {
  const oscillator = new OscillatorNode(audio, { frequency: hertz, type: 'triangle' });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.5, at + 0.02);
  volume.gain.linearRampToValueAtTime(0, at + TONE_S);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + TONE_S);
}
