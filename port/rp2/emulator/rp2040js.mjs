// Imports the emulator of the processor from the folder of install.sh.
import { createRequire } from 'node:module';

const installed = new URL('../../../build/emulator/package.json', import.meta.url);

export const { ConsoleLogger, GPIOPinState, LogLevel, Simulator, USBCDC } = createRequire(installed)('rp2040js');
