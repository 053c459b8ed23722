export { builtDashboard } from './built.ts'
export { dashboardRoutes } from './routes.ts'
export { OperatorSessions } from './sessions.ts'
