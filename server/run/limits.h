/*
 * limits: what the settings mean for the hub and for net.
 */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

#include "core/hub.h"
#include "net/net.h"
#include "rest/events.h"
#include "run/config.h"

void	 limits_of_hub(const struct config *c, struct hub_limits *out);
/* The caller's. */
struct catalog *limits_of_catalog(const struct config *c);
void	 limits_of_net(const struct config *c, struct net_settings *out);

void	 limits_of_rest(const struct config *c, struct rest_settings *out);
void	 limits_of_events(const struct config *c, struct events_settings *out);

#endif
