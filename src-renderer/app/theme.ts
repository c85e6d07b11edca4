import { createTheme } from "@mantine/core";
import type { MantineThemeOverride } from "@mantine/core";

// A closed dropdown that stays mounted is laid out and positioned all the same, in the first paint too.
const dropdown = { keepMounted: false, transitionProps: { duration: 100 } };

/** Mantine's look set to the desk's tones. The same colours stand in theme.css for our own styles. */
export const theme: MantineThemeOverride = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  defaultRadius: 6,
  radius: { xs: "3px", sm: "6px", md: "6px", lg: "6px", xl: "6px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "20px", xl: "24px" },
  primaryColor: "accent",
  primaryShade: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: {
    accent: [
      "#e8f1ff",
      "#cfe2ff",
      "#a3c8ff",
      "#76aeff",
      "#4c9aff",
      "#3585f5",
      "#1f6feb",
      "#1a60cf",
      "#1552b3",
      "#0f4394",
    ],
    danger: [
      "#fdeceb",
      "#fad3d0",
      "#f6aaa5",
      "#f48a84",
      "#f2655c",
      "#e0473d",
      "#c9352b",
      "#ae2a22",
      "#93221b",
      "#781b15",
    ],
    dark: [
      "#e6edf3",
      "#c6d0da",
      "#9aa7b4",
      "#7d8a97",
      "#27303b",
      "#222a34",
      "#1c232c",
      "#151a21",
      "#0e1116",
      "#0a0c10",
    ],
    gray: [
      "#f7f8fa",
      "#f0f2f5",
      "#e6e9ed",
      "#dfe3e8",
      "#ccd3da",
      "#7d8894",
      "#5b6875",
      "#46525f",
      "#2c3743",
      "#17202a",
    ],
  },
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 28 } },
    InputWrapper: {
      vars: () => ({
        label: { "--input-label-size": "13px" },
        description: { "--input-description-size": "12px" },
        error: { "--input-error-size": "12px" },
      }),
      styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } },
    },
    TextInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", allowDeselect: false, comboboxProps: dropdown } },
    Autocomplete: { defaultProps: { size: "xs", comboboxProps: dropdown } },
    MultiSelect: { defaultProps: { size: "xs", comboboxProps: dropdown } },
    SegmentedControl: {
      defaultProps: { size: "xs", transitionDuration: 120 },
      styles: { root: { background: "var(--bg)", border: "1px solid var(--border)", padding: 3 } },
    },
    Checkbox: { defaultProps: { size: "xs", radius: 3, classNames: { input: "checkbox" } } },
    Tooltip: {
      defaultProps: {
        openDelay: 300,
        multiline: true,
        maw: 320,
        transitionProps: { duration: 100 },
      },
    },
    Menu: { defaultProps: { transitionProps: { duration: 100 } } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.5 },
      },
    },
    Drawer: {
      defaultProps: {
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.4 },
      },
    },
  },
});
