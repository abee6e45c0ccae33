// The studio's first lines: everything else hangs off these.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { followTheme } from './ui/theme.ts';
import './styles/index.css';

followTheme();
createRoot(document.getElementById('studio')!).render(<StrictMode><App /></StrictMode>);
