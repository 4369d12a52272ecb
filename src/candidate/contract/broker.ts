import type { Candidate, CandidateService } from "../types.ts";

/** How clients open a session at the broker; `${secret:NAME}` is left as it is. */
export interface BrokerAccount {
  user: string;
  password: string;
  vhost: string;
}

/** The account that the broker's definition makes, in its environment or its configuration; RabbitMQ's own default where it makes none (facts sheet, section 7.2). */
export function brokerAccount(candidate: Candidate, service: CandidateService): BrokerAccount {
  const configured = service.configs.map(
    ({ source }) => candidate.configs.find((config) => config.name === source)?.content ?? "",
  );
  const setting = (variable: string, key: string, fallback: string) =>
    service.env[variable] ??
    configured.map((content) => new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)\\s*$`, "m").exec(content)?.[1]).find(Boolean) ??
    fallback;
  return {
    user: setting("RABBITMQ_DEFAULT_USER", "default_user", "guest"),
    password: setting("RABBITMQ_DEFAULT_PASS", "default_pass", "guest"),
    vhost: setting("RABBITMQ_DEFAULT_VHOST", "default_vhost", "/"),
  };
}
