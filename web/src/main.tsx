import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'uplot/dist/uPlot.min.css';
import './styles/theme.css';
import './styles/base.css';
import './styles/header.css';
import './styles/page.css';
import './styles/tiles.css';
import './styles/chart.css';
import './styles/anomalies.css';
import './styles/verdicts.css';
import './styles/respond.css';
import './styles/merchants.css';
import './styles/welcome.css';
import './styles/sign-in.css';
import './styles/narrow.css';
import { createApi } from './live/api.ts';
import { createAsk } from './live/ask.ts';
import { startLive } from './live/live.ts';
import { openSessionFromAddress } from './live/session.ts';
import { createStore } from './live/store.ts';
import { readRange } from './page/address.ts';
import { takeWanted } from './page/sign-in/wanted.ts';
import { ConsoleApp } from './page/overview/app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html: expected an element with the id "root"');

const store = createStore();
const linkedRange = readRange();
if (linkedRange !== null) store.dispatch({ type: 'range', range: linkedRange });
const ask = createAsk();
const api = createApi(ask);
const isWelcome = await openSessionFromAddress(api, location, history, () => takeWanted(Date.now()));
const live = startLive({
  store,
  api,
  openStream: (url) => new EventSource(url),
  now: () => Date.now(),
  refused: isWelcome ? 'required' : 'expired',
});
addEventListener('pagehide', () => live.stop());
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

createRoot(root).render(
  <StrictMode>
    <ConsoleApp store={store} api={api} ask={ask} live={live} />
  </StrictMode>,
);
