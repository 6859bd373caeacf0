resource "aws_sqs_queue" "queue<N>" {
  for_each                  = var.queues
  name                      = each.value.fifo ? "${each.key}-<N>.fifo" : "${each.key}-<N>"
  fifo_queue                = each.value.fifo
  message_retention_seconds = each.value.retention
  kms_master_key_id         = var.encrypted ? local.key : null
  redrive_policy = jsonencode({
    deadLetterTargetArn = "arn:aws:sqs:${var.region}:123456789012:dead"
    maxReceiveCount     = 5
  })
}

resource "aws_sns_topic" "topic<N>" {
  for_each          = var.queues
  name              = "${local.prefix}-${each.key}"
  kms_master_key_id = coalesce(local.key, "alias/aws/sns")
}

resource "aws_sns_topic_subscription" "topic<N>" {
  for_each  = var.queues
  topic_arn = aws_sns_topic.topic<N>[each.key].arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.queue<N>[each.key].arn
}
