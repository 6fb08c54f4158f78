-- What Fluent Bit makes of lines of logs and of Kubernetes events: whose they are, and where they go.
-- `kind` says the latter, to the filters that come behind (pipelines.py).

-- Namespaces that no queue can have.
local RESERVED = {
  ["default"] = true,
  ["kube-node-lease"] = true,
  ["kube-public"] = true,
  ["kube-system"] = true,
  ["spark-system"] = true,
}
local NO_APPLICATION = "no-application"

-- Tenant and queue of a namespace by its name, which starts with the tenant's, in which there is no dash.
local function by_name(namespace)
  if RESERVED[namespace] then
    return nil
  end
  return string.match(namespace, "^(%l[%l%d]*)%-(%l[%l%d%-]*)$")
end

-- Tenant and queue of a namespace by its labels, which only tenants' stacks write.
local function by_labels(namespace, labels)
  local tenant = labels["elastic-spark/tenant"]
  if tenant == nil or labels["elastic-spark/queue"] ~= namespace then
    return nil
  end
  return tenant, string.sub(namespace, #tenant + 2)
end

-- "a:b=1,a:c=2" as a table of tables. YuniKorn counts milli-cpus and bytes, times seconds.
local function usage(text)
  local found = nil
  for instance_type, resource, amount in string.gmatch(text or "", "([^,:{}]+):([^,:={}]+)=(%-?%d+)") do
    found = found or {}
    found[instance_type] = found[instance_type] or {}
    if resource == "vcore" then
      found[instance_type]["cpuCoreSeconds"] = tonumber(amount) / 1000
    elseif resource == "memory" then
      found[instance_type]["memoryGibSeconds"] = tonumber(amount) / 1073741824
    elseif resource == "pods" then
      found[instance_type]["podSeconds"] = tonumber(amount)
    end
  end
  return found
end

-- The sum of one amount over all instance types.
local function total(found, amount)
  local sum = 0
  for _, amounts in pairs(found or {}) do
    sum = sum + (amounts[amount] or 0)
  end
  return sum
end

-- A line of YuniKorn's about an application that has ended, or nil for another line.
local function summary(message)
  local text = string.match(message, "YK_APP_SUMMARY: {(.*)}")
  if text == nil then
    return nil
  end
  local function value(name)
    return string.match(text, name .. ": ([^,]*)")
  end
  local function used(name)
    return usage(string.match(text, name .. ": TrackedResource{([^}]*)}"))
  end
  local queue = value("Queue")
  local tenant, namespace = string.match(queue or "", "^root%.tenants%.([^.]+)%.([^.]+)$")
  local all = used("ResourceUsage")
  return {
    kind = "summary",
    application = value("ApplicationID"),
    queue = namespace or queue,
    tenant = tenant,
    user = value("User"),
    state = value("State"),
    submittedMs = tonumber(value("SubmissionTime")),
    startedMs = tonumber(value("StartTime")),
    finishedMs = tonumber(value("FinishTime")),
    cpuCoreSeconds = total(all, "cpuCoreSeconds"),
    memoryGibSeconds = total(all, "memoryGibSeconds"),
    used = all,
    usedByPlaceholders = used("PlaceholderResource"),
  }
end

-- Pod, namespace and container by the name of their log file, which the kubelet gives it.
local function by_file(tag)
  return string.match(tag, "([^._][^_]*)_([^_]+)_(.+)%-%x+%.log$")
end

-- A line of a container's log.
function line(tag, timestamp, record)
  local message = string.gsub(record["log"] or "", "%s+$", "")
  if message == "" then
    return -1, timestamp, record
  end
  local about = record["kubernetes"] or {}
  local labels = about["labels"] or {}
  -- Of a pod that is gone when its first line is read, the API server knows nothing.
  local pod, namespace, container = by_file(string.gsub(tag, "^kube%..-%.containers%.", "", 1))
  pod = about["pod_name"] or pod or "unknown"
  namespace = about["namespace_name"] or namespace or "unknown"
  container = about["container_name"] or container or "unknown"

  if namespace == "spark-system" and string.sub(pod, 1, 8) == "yunikorn" then
    local found = summary(message)
    if found then
      return 2, timestamp, found
    end
  end

  local tenant, queue
  if record["kubernetes_namespace"] and record["kubernetes_namespace"]["labels"] then
    tenant, queue = by_labels(namespace, record["kubernetes_namespace"]["labels"])
  else
    tenant, queue = by_name(namespace)
  end

  local new = {
    message = message,
    output = record["stream"],
    namespace = namespace,
    pod = pod,
    container = container,
    node = about["host"],
  }
  if tenant then
    new["kind"] = "queue"
    new["tenant"] = tenant
    new["queue"] = queue
    new["application"] = labels["spark-app-selector"] or NO_APPLICATION
    new["role"] = labels["spark-role"] or "other"
    new["stream"] = new["application"] .. "/" .. pod .. "/" .. container
  else
    new["kind"] = "platform"
    new["stream"] = namespace .. "/" .. pod .. "/" .. container
  end
  return 2, timestamp, new
end

-- A Kubernetes event, as the API server gives it.
function event(tag, timestamp, record)
  local about = record["involvedObject"] or record["regarding"] or {}
  local source = record["source"] or {}
  local namespace = about["namespace"] or (record["metadata"] or {})["namespace"] or "default"
  local tenant, queue = by_name(namespace)
  return 2, timestamp, {
    kind = tenant and "queue" or "platform",
    tenant = tenant,
    queue = queue,
    namespace = namespace,
    type = record["type"],
    reason = record["reason"],
    message = record["message"] or record["note"],
    object = (about["kind"] or "unknown") .. "/" .. (about["name"] or "unknown"),
    uid = about["uid"],
    component = source["component"] or record["reportingComponent"],
    count = record["count"],
    first = record["firstTimestamp"],
    last = record["lastTimestamp"],
  }
end
