"""XCOPA, trained on CommonsenseQA, since English COPA is not in the mirror."""

from dataclasses import replace

from curation.tasks import commonsense_qa, xcopa

TASK = replace(
    xcopa.TASK,
    train=replace(commonsense_qa.TASK.train, to_example=commonsense_qa.to_example),
    dev=replace(commonsense_qa.TASK.dev, to_example=commonsense_qa.to_example),
)
to_example = xcopa.to_example
