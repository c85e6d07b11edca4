import { lazy, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Empty, Loading } from "../components/Message.tsx";
import { PageHeader } from "../components/PageHeader.tsx";
import { FleetPage } from "../features/fleet/FleetPage.tsx";
import { useBotForm } from "../features/bot-form/form-store.ts";
import { Banners } from "./Banners.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { KillHost } from "./KillHost.tsx";
import { PaletteHost } from "./PaletteHost.tsx";
import { Rail } from "./Rail.tsx";
import { StatusBar } from "./StatusBar.tsx";
import classes from "./shell.module.css";

// Only the fleet is in the first chunk: charts and forms load when they are first looked at.
const BotPage = lazy(() => import("../features/bot/BotPage.tsx"));
const SchedulePage = lazy(() => import("../features/schedule/SchedulePage.tsx"));
const PositionsPage = lazy(() => import("../features/positions/PositionsPage.tsx"));
const DataPage = lazy(() => import("../features/data/DataPage.tsx"));
const RiskPage = lazy(() => import("../features/risk/RiskPage.tsx"));
const LogsPage = lazy(() => import("../features/logs/LogsPage.tsx"));
const SettingsPage = lazy(() => import("../features/settings/SettingsPage.tsx"));
const BotFormDrawer = lazy(() => import("../features/bot-form/BotFormDrawer.tsx"));

function BotForm() {
  const request = useBotForm((s) => s.request);
  const serial = useBotForm((s) => s.serial);
  if (!request) return null;
  return (
    <Suspense fallback={null}>
      <BotFormDrawer key={serial} request={request} />
    </Suspense>
  );
}

export function Shell() {
  const [location] = useLocation();
  return (
    <div className={classes.shell}>
      <Rail />
      <main className={classes.main}>
        <Banners />
        <div className={classes.content}>
          <ErrorBoundary route={location}>
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/" component={FleetPage} />
                <Route path="/bots/:id">
                  {({ id }) => <BotPage key={id} id={decodeURIComponent(id)} />}
                </Route>
                <Route path="/bots/:id/ticks/:fireTime">
                  {({ id, fireTime }) => (
                    <BotPage
                      key={`${id} ${fireTime}`}
                      id={decodeURIComponent(id)}
                      tick={Number(fireTime)}
                    />
                  )}
                </Route>
                <Route path="/schedule" component={SchedulePage} />
                <Route path="/positions" component={PositionsPage} />
                <Route path="/data">
                  <DataPage />
                </Route>
                <Route path="/data/:view">{({ view }) => <DataPage view={view} />}</Route>
                <Route path="/logs" component={LogsPage} />
                <Route path="/risk" component={RiskPage} />
                <Route path="/settings">
                  <SettingsPage />
                </Route>
                <Route path="/settings/:section">
                  {({ section }) => <SettingsPage shown={section} />}
                </Route>
                <Route>
                  <PageHeader title="Not found" />
                  <Empty title="There is no such page">Choose a page at the left.</Empty>
                </Route>
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </div>
      </main>
      <StatusBar />
      <BotForm />
      <KillHost />
      <PaletteHost />
    </div>
  );
}
