/** The Express application: which middleware and routes, in which order. */
import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { absenceRoutes } from './absences.ts';
import { attachmentRoutes } from './attachments.ts';
import { broadcastRoutes } from './broadcasts.ts';
import { exportRoutes } from './caseExports.ts';
import { calendarRoutes, feedRoutes } from './calendars.ts';
import { caseRoutes } from './cases.ts';
import { commandRoutes } from './commands.ts';
import { contactRoutes } from './contacts.ts';
import { signInRequest, type ApiContext } from './context.ts';
import { docsRoutes } from './docs.ts';
import { dossierRoutes } from './dossier.ts';
import { draftRoutes } from './drafts.ts';
import { familyRoutes } from './families.ts';
import { formRoutes } from './forms.ts';
import { erasureRoutes } from './erasure.ts';
import { healthz, readyz } from './health.ts';
import { historyRoutes } from './history.ts';
import { importRoutes } from './imports.ts';
import { incidentRoutes } from './incidents.ts';
import { inboxRoutes } from './inbox.ts';
import { indexPage } from './indexPage.ts';
import { mailRoutes } from './mail.ts';
import { mailPageRoutes } from './mailPage.ts';
import { mailTrayRoutes } from './mailTray.ts';
import { meRoutes } from './me.ts';
import { messagePageRoutes } from './messagePage.ts';
import { buildOpenApi } from './openapi.ts';
import { proposalRoutes } from './parameterProposals.ts';
import { parameterRoutes } from './parameters.ts';
import { answerProblem, describeProblem, unknownRoute } from './problems.ts';
import { processRoutes } from './processes.ts';
import { protocolRoutes } from './protocol.ts';
import { limitRate } from './rateLimit.ts';
import { schoolRoutes } from './schools.ts';
import { slotRoutes } from './slots.ts';
import { smsReceiptRoutes } from './smsReceipts.ts';
import { taskRoutes } from './tasks.ts';
import { sendJsonText } from './sendJson.ts';

export function createApp(api: ApiContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', api.settings.trustProxy);
  app.use(begin(api), api.metrics.observe);
  for (const prefix of ['', '/api/v1']) {
    app.get(`${prefix}/healthz`, healthz);
    app.get(`${prefix}/readyz`, readyz(api));
    app.get(`${prefix}/metrics`, api.metrics.page);
  }
  app.use('/api/v1', versionOne(api));
  app.use(pages(api));
  app.use(unknownRoute);
  app.use(answerProblem(api));
  return app;
}

function versionOne(api: ApiContext): Router {
  const router = express.Router();
  const openApi = JSON.stringify(buildOpenApi(api.processes));
  router.get('/openapi.json', (_req, res) => sendJsonText(res, 200, openApi));
  feedRoutes(api, router);
  router.use(limitRate(api));
  smsReceiptRoutes(api, router);
  router.use(authenticate(api));
  // The busiest first: Express asks its routes in this order.
  commandRoutes(api, router);
  caseRoutes(api, router);
  taskRoutes(api, router);
  slotRoutes(api, router);
  historyRoutes(api, router);
  attachmentRoutes(api, router);
  dossierRoutes(api, router);
  mailRoutes(api, router);
  mailTrayRoutes(api, router);
  exportRoutes(api, router);
  erasureRoutes(api, router);
  draftRoutes(api, router);
  processRoutes(api, router);
  formRoutes(api, router);
  meRoutes(api, router);
  contactRoutes(api, router);
  inboxRoutes(api, router);
  broadcastRoutes(api, router);
  familyRoutes(api, router);
  calendarRoutes(api, router);
  importRoutes(api, router);
  absenceRoutes(api, router);
  schoolRoutes(api, router);
  protocolRoutes(api, router);
  proposalRoutes(api, router);
  parameterRoutes(api, router);
  incidentRoutes(api, router);
  return router;
}

/** What people look at in a browser. JSON needs only the two headers of `begin`. */
function pages(api: ApiContext): Router {
  const router = express.Router();
  router.use(['/docs', '/problems'], helmet({ contentSecurityPolicy: false, crossOriginEmbedderPolicy: false, strictTransportSecurity: false }));
  router.get('/', indexPage);
  router.get('/problems/:code', describeProblem);
  docsRoutes(router);
  mailPageRoutes(api, router);
  messagePageRoutes(api, router);
  return router;
}

function begin(api: ApiContext): RequestHandler {
  return (req, res, next) => {
    const requestId = randomUUID(), began = performance.now();
    res.locals.requestId = requestId;
    res.setHeader('X-Content-Type-Options', 'nosniff');
    // Cases hold personal data: no cache on the way keeps them.
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('X-Request-Id', requestId);
    if (api.isStopping()) res.setHeader('Connection', 'close');
    // The route's pattern and no query: paths and queries may name people.
    if (api.log.isLevelEnabled('debug')) res.once('finish', () => api.log.debug({ requestId, method: req.method, route: req.route?.path ?? null, status: res.statusCode, ms: Math.round(performance.now() - began) }, 'answered'));
    next();
  };
}

function authenticate(api: ApiContext): RequestHandler {
  return async (req, res, next) => {
    await signInRequest(api, req, res);
    next();
  };
}
